/** Findings by operation: how many of each kind, and the shortest program. */
export function summary(findings, count, backend) {
  const byOp = Map.groupBy ? Map.groupBy(findings, ({ op }) => op) : new Map();
  if (!Map.groupBy) for (const finding of findings) byOp.set(finding.op, [...(byOp.get(finding.op) ?? []), finding]);
  const lines = [];
  for (const [op, found] of byOp) {
    const kinds = new Map();
    for (const finding of found) kinds.set(finding.kind, [...(kinds.get(finding.kind) ?? []), finding]);
    for (const [kind, same] of kinds) {
      const [shortest] = same.toSorted((a, b) => a.code.length - b.code.length);
      const what = shortest.gradient ? 'gradient of ' : '';
      lines.push(
        `${backend}: ${what}${op} ${kind}, ${same.length} programs`,
        `  ${shortest.code}`,
        `  ${shortest.what}`,
      );
    }
  }
  const refused = findings.filter(({ kind }) => kind === 'refuses').length;
  return [
    ...lines,
    `${count} programs, ${findings.length - refused} wrong and ${refused} refused, in ${byOp.size} operations`,
  ].join('\n');
}
