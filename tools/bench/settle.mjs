// Warms up until times settle: a just-in-time compiler needs some hundred calls, of which one round would charge most
// to what is timed after it.
import { dispose } from '@steppe/tree';
import { median } from './report.mjs';

/**
 * Runs rounds until the median of four is no more than 3 % below that of the four before, or for so many seconds.
 *
 * @param round - Runs once and gives its seconds.
 * @returns The seconds of the first round, which found everything cold.
 */
export async function settle(round, limit) {
  const begin = performance.now();
  const four = async () => [await round(), await round(), await round(), await round()];
  const first = await round();
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const now = median(await four());
    if (now > 0.97 * before || performance.now() - begin > 1000 * limit) return first;
    before = now;
  }
}

/** Runs something so many times in a row, each until its last number is there: the seconds of each. */
export async function timed(run, times) {
  const seconds = [];
  for (let i = 0; i < times; i++) {
    const begin = performance.now();
    const [result, last] = run();
    await last.data();
    seconds.push((performance.now() - begin) / 1000);
    dispose(result);
  }
  return seconds;
}
