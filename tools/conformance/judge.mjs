/**
 * Compares what specs came to with what is expected to fail; where a cause begins with `sometimes:`, the specs may pass
 * too.
 *
 * @param {readonly { name: string, status: string, message?: string }[]} results - Several may share a name.
 * @param {Readonly<Record<string, readonly string[]>>} expected - Names of specs by the cause of their failure.
 * @param {string} only - A regular expression of the names that were run; empty for all.
 * @returns What failed without being listed, the names that are listed and did not fail, and how many failed of each
 * cause.
 */
export function judge(results, expected, only = '') {
  const causeOf = new Map(Object.entries(expected).flatMap(([cause, names]) => names.map((name) => [name, cause])));
  const failed = results.filter(({ status }) => status === 'failed');
  const names = new Set(failed.map(({ name }) => name));
  const causes = {};
  for (const { name } of failed) {
    const cause = causeOf.get(name);
    if (cause) causes[cause] = (causes[cause] ?? 0) + 1;
  }
  return {
    unlisted: failed.filter(({ name }) => !causeOf.has(name)),
    passing: [...causeOf]
      .filter(([name, cause]) => !names.has(name) && !cause.startsWith('sometimes:') && new RegExp(only).test(name))
      .map(([name]) => name),
    causes,
  };
}
