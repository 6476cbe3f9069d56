/** The items of a list by what a function says of them. */
function grouped(items, of) {
  const groups = new Map();
  for (const item of items) groups.set(of(item), [...(groups.get(of(item)) ?? []), item]);
  return groups;
}

/**
 * Findings by operation and kind: how many, and the shortest program.
 *
 * @param {readonly object[]} findings - What the sweep gave.
 * @param {number} count - How many programs ran.
 * @param {string} backend - By tfjs's name.
 * @returns {string} Three lines a kind, and one with the counts.
 */
export function summary(findings, count, backend) {
  const kinds = grouped(findings, ({ op, kind, gradient }) => `${gradient ? 'gradient of ' : ''}${op} ${kind}`);
  const lines = [...kinds].flatMap(([kind, same]) => {
    const [{ code, what }] = same.toSorted((a, b) => a.code.length - b.code.length);
    return [`${backend}: ${kind}, ${same.length} programs`, `  ${code}`, `  ${what}`];
  });
  const refused = findings.filter(({ kind }) => kind === 'refuses').length;
  return [...lines, `${count} programs, ${findings.length - refused} wrong, ${refused} refused`].join('\n');
}
