// What SAM gains on noisy labels, and how much of it a tuned weight decay gets: trains every candidate of every arm
// from several seeds. Held-out training images, labelled right, choose within each arm; the test images, labelled
// right, judge what was chosen.
//
//   npm run build && STEPPE_THREADS=1 node tools/evidence/label-noise.mjs [--arms sgd,sam] [--seeds 0-4] [--chosen]
//   node tools/evidence/report.mjs
//
// Each run becomes a line of docs/evidence/label-noise.jsonl; what is there is not run again, so it goes on where it
// stopped.
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { slice } from '@steppe/datasets';
import { loadDataset } from '@steppe/datasets/node';
import { machine } from '../bench/report.mjs';
import { arms, shared } from './arms.mjs';
import { addRun, chosen, isBehind, readRuns, runsOf, standardFile } from './runs.mjs';
import { trainRun } from './train-run.mjs';

const { values } = parseArgs({
  options: {
    arms: { type: 'string', default: Object.keys(arms).join() },
    seeds: { type: 'string', default: '0-4' },
    // Only the candidate of each arm that the held-out images prefer so far.
    chosen: { type: 'boolean', default: false },
    runs: { type: 'string', default: standardFile },
  },
});
const [first, last = first] = values.seeds.split('-').map(Number);

const { name: backend } = await useBackend('native');
const { name: dataset, train, test, classes } = await loadDataset('fashion-mnist-mini');
const sets = { training: slice(train, 0, shared.images), heldOut: slice(train, -2000), test, classes: classes.length };

for (let seed = first; seed <= last; seed += 1)
  for (const arm of values.arms.split(','))
    for (const candidate of arms[arm]) {
      const runs = readRuns(values.runs);
      if (runsOf(runs, arm, candidate).some((run) => run.seed === seed)) continue;
      if (values.chosen && candidate !== chosen(runs, arm).candidate) continue;
      if (seed > 1 && isBehind(runs, arm, candidate)) continue;
      const result = await trainRun({ ...shared, ...candidate }, seed, sets);
      const run = { arm, seed, candidate, ...result, dataset, backend, machine: machine() };
      addRun(values.runs, run);
      console.log(JSON.stringify(run));
    }
