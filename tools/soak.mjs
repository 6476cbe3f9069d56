// Trains for 10,000 steps with log and checkpoints: the tensors must stay as many, and the memory of the process must
// grow by less than 1 MB in 1,000 steps.
//   npm run build && node tools/soak.mjs [--steps 10000] [--backend native] [--keep]
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { keep } from './bench/report.mjs';
import { soak } from './soak/soak.mjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    backend: { type: 'string', default: 'native' },
    keep: { type: 'boolean', default: false },
  },
});
const steps = Number(values.steps);
await useBackend(values.backend);
const began = performance.now();
const { fewest, most, megabytes, last } = await soak({ steps, every: steps / 40 });
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
const tensors = fewest === most ? `${most} tensors throughout` : `${fewest} to ${most} tensors`;
const text = `SAM of WRN-10-1 on ${values.backend}, ${steps} steps with a log line each and ${40} checkpoints: ${tensors}; resident memory ${last.toFixed(0)} MB at the end, ${megabytes.toFixed(2)} MB more in 1,000 steps (least squares over the second half); ${minutes} min.`;
console.log(text);
if (values.keep)
  keep(`soak-${values.backend}`, `Memory of a long run on ${values.backend}`, text, 'node tools/soak.mjs');
if (fewest !== most || megabytes >= 1) process.exitCode = 1;
