// Whether training in `default` (products of bfloat16) ends with the errors of `highest` (float32): SAM on a small
// network and real images, from the same seeds in both.
//
//   npm run build && node tools/evidence/precision.mjs --save FILE [--seeds 0-4] [--data FOLDER] [--keep]
//
// Each run becomes a line of FILE; what is there is not run again, so it goes on where it stopped. --keep writes the
// table of all of them to docs/benchmarks.md.
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { slice } from '@steppe/datasets';
import { loadDataset } from '@steppe/datasets/node';
import { preciseBackend } from '@steppe/kernels';
import { keep, machine, table } from '../bench/report.mjs';
import { addRun, readRuns } from './runs.mjs';
import { interval } from './statistics.mjs';
import { trainRun } from './train-run.mjs';

const { values } = parseArgs({
  options: {
    save: { type: 'string' },
    seeds: { type: 'string', default: '0-4' },
    data: { type: 'string', default: '/usr/share/datasets' },
    keep: { type: 'boolean', default: false },
  },
});
if (values.save === undefined) throw new Error('--save names the file of the runs: --save runs.jsonl.');
const [first, last = first] = values.seeds.split('-').map(Number);
const precisions = ['highest', 'default'];
const arm = { depth: 10, width: 1, noise: 0, lr: 0.1, clip: 5, batch: 64, epochs: 3, rho: 0.05, decay: 5e-4 };
const [images, tested] = [1920, 4000];

const { description } = await useBackend('native');
const backend = preciseBackend();
backend.inFloat32 = []; // bfloat16 is meant, also where float32 is faster
const { train, test, classes } = await loadDataset('fashion-mnist', { folder: values.data });
const sets = {
  training: slice(train, 0, images),
  heldOut: slice(train, -1000),
  test: slice(test, 0, tested),
  classes: classes.length,
};

/** The test errors of a precision, by seed. */
const errorsIn = (runs, precision) =>
  new Map(runs.filter((run) => run.precision === precision).map((run) => [run.seed, 100 * run.testError]));

for (let seed = first; seed <= last; seed += 1)
  for (const precision of precisions) {
    if (readRuns(values.save).some((run) => run.seed === seed && run.precision === precision)) continue;
    backend.precision = precision;
    const run = { seed, precision, ...(await trainRun(arm, seed, sets)), machine: machine() };
    addRun(values.save, run);
    console.log(JSON.stringify(run));
  }

const runs = readRuns(values.save);
const shown = ({ mean, half }) => `${mean.toFixed(2)} ± ${half.toFixed(2)}`;
// Pairs are of one seed: runs stand in the file in the order in which they ended.
const all = precisions.map((precision) => errorsIn(runs, precision));
const seeds = [...all[0].keys()].filter((seed) => all.every((errors) => errors.has(seed))).sort((a, b) => a - b);
const rows = precisions.map((precision, i) => {
  const errors = seeds.map((seed) => all[i].get(seed));
  const beside = seeds.map((seed) => all[i].get(seed) - all[0].get(seed));
  return {
    precision,
    'test error (%)': shown(interval(errors)),
    'less that of highest, by seed': precision === 'highest' ? '' : shown(interval(beside)),
    'of each seed': errors.map((error) => error.toFixed(2)).join(', '),
  };
});
const body = `Test errors of WRN-10-1 after ${arm.epochs} epochs of SAM (ρ = ${arm.rho}) on ${images} images of Fashion-MNIST, on ${tested} test images; means and 95 % intervals over the seeds ${seeds.join(', ')}. Products of \`default\` are rounded, whatever is faster. So short a training is far from converged: it tells whether rounding costs anything on the way, to within the interval. ${description}.\n\n${table(rows)}`;
console.log(body);
if (values.keep)
  keep('precision-errors', 'Errors by precision', body, 'node tools/evidence/precision.mjs --save runs.jsonl');
