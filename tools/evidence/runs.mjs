// The runs of the experiment on noisy labels: a line of JSON each, added when a run has ended.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arms } from './arms.mjs';
import { mean } from './statistics.mjs';

export const standardFile = fileURLToPath(new URL('../../docs/evidence/label-noise.jsonl', import.meta.url));

export function readRuns(file = standardFile) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

export function addRun(file, run) {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}

/** The runs of a candidate, by seed. */
export function runsOf(runs, arm, candidate) {
  const wanted = JSON.stringify(candidate);
  return runs
    .filter((run) => run.arm === arm && JSON.stringify(run.candidate) === wanted)
    .sort((a, b) => a.seed - b.seed);
}

/** Whether a candidate lies more than 3 points behind another of its arm after the first two seeds: it gets no more of
 * them. */
export function isBehind(runs, arm, candidate) {
  const heldOut = (other) => {
    const first = runsOf(runs, arm, other).filter(({ seed }) => seed < 2);
    return first.length === 2 ? mean(first.map((run) => run.heldOutError)) : Number.NaN;
  };
  return arms[arm].some((other) => heldOut(candidate) > heldOut(other) + 0.03);
}

/** The candidate of an arm that is best on the held-out images, of those with the most seeds, and its runs. */
export function chosen(runs, arm) {
  const tried = arms[arm].map((candidate) => ({ candidate, runs: runsOf(runs, arm, candidate) }));
  const most = Math.max(...tried.map(({ runs: own }) => own.length));
  const error = ({ runs: own }) => mean(own.map((run) => run.heldOutError));
  const [best] = tried.filter(({ runs: own }) => own.length === most).sort((a, b) => error(a) - error(b));
  return best;
}
