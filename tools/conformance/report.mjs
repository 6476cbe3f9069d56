import { judge } from './judge.mjs';

/**
 * Prints what is not as expected, how many failed of each cause, and the counts.
 *
 * @param {readonly { name: string, status: string, message?: string }[]} results - Several may share a name.
 * @param {Readonly<Record<string, readonly string[]>>} expected - Names of specs by the cause of their failure.
 * @param {string} only - A regular expression of the names that were run; empty for all.
 * @returns {boolean} Whether all is as expected.
 */
export function report(results, expected, only) {
  const { unlisted, passing, causes } = judge(results, expected, only);
  const count = (status) => results.filter((result) => result.status === status).length;
  for (const { name, message } of unlisted)
    if (!message?.startsWith('Not run because')) console.log(`FAILED ${name}\n  ${message}`);
  for (const name of passing) console.log(`PASSED, though expected to fail: ${name}`);
  for (const [cause, failures] of Object.entries(causes)) console.log(`${failures} fail as expected: ${cause}`);
  const known = count('failed') - unlisted.length;
  console.log(`${known} failed as expected, ${passing.length} passed unexpectedly, ${count('pending')} skipped`);
  console.log(`${count('passed') - passing.length} passed, ${unlisted.length + passing.length} failed`);
  return unlisted.length + passing.length === 0;
}
