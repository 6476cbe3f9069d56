// Seconds of a plain gradient and of a whole SAM step of WideResNets on one backend, alternated in one run; peak
// memory; leaks.
//   npm run build && node tools/bench/steps.mjs [--backend wasm] [--rounds 5] [--gradient-only] [--keep] [depth-width-batch ...]
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { addDecayedWeights, chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { classifier } from './classifier.mjs';
import { keep, median, table } from './report.mjs';
import { settle } from './settle.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'wasm' },
    rounds: { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    // For the peak memory of gradients alone; the other columns are NaN.
    'gradient-only': { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : ['16-1-32', '16-1-128', '16-4-32'];
const rounds = Number(values.rounds);

/** Seconds until the results are there: the largest of them is read back, which waits for all. */
async function timed(run) {
  const begin = performance.now();
  const result = run();
  const last = result.report?.loss ?? result.value;
  await last.data();
  return { seconds: (performance.now() - begin) / 1000, result };
}

async function measure(name) {
  const { network, batch, params, state, examples, loss } = classifier(name);
  const gradient = valueAndGrad((w, b) => loss(w, state, b));
  const step = trainStep(loss, chain(samTransform(0.05), addDecayedWeights(5e-4), trace(0.9), scale(-0.1)));
  const plain = trainStep(loss, chain(addDecayedWeights(5e-4), trace(0.9), scale(-0.1)));
  const positions = { sam: step.start(params, state, key(2)), plain: plain.start(params, state, key(2)) };
  const works = {
    gradient: () => gradient(params, examples),
    ...(!values['gradient-only'] && {
      plain: () => plain.update(positions.plain, examples),
      sam: () => step.update(positions.sam, examples),
    }),
  };
  /** The seconds of one of them, whose results are disposed. */
  const once = async (work) => {
    const { seconds, result } = await timed(works[work]);
    dispose(result);
    return seconds;
  };
  const names = Object.keys(works);
  const [cold, times] = [{}, Object.fromEntries(names.map((work) => [work, []]))];
  for (const work of names) cold[work] = await settle(() => once(work), 10);
  const before = tf.memory().numTensors;
  for (let round = 0; round < rounds; round++) for (const work of names) times[work].push(await once(work));
  const leaked = (tf.memory().numTensors - before) / (rounds * names.length);
  dispose(params, state, examples, positions);
  const [g, p, s] = ['gradient', 'plain', 'sam'].map((work) => median(times[work] ?? []) ?? Number.NaN);
  const first = (work) => (cold[work] ?? Number.NaN).toFixed(4);
  return {
    network,
    batch,
    'gradient (s)': g.toFixed(4),
    'SGD step (s)': p.toFixed(4),
    'SAM step (s)': s.toFixed(4),
    'SAM step / 2 gradients': (s / (2 * g)).toFixed(3),
    'first gradient, first SAM step (s)': `${first('gradient')}, ${first('sam')}`,
    'peak memory (MB)': Math.round(process.resourceUsage().maxRSS / 1024),
    'tensors leaked per step': leaked,
  };
}

const { name, why, description } = await useBackend(values.backend);
const rows = [];
for (const each of names) rows.push(await measure(each));
console.log(values.json ? JSON.stringify({ backend: name, why, rows }) : `${name}: ${why}\n\n${table(rows)}`);
if (values.keep)
  keep(
    `steps-${name}`,
    `A training step on ${name}`,
    `${description}. Medians of ${rounds} alternated rounds, each warm, 28 × 28 × 1 images.\n\n${table(rows)}`,
    `node tools/bench/steps.mjs --backend ${values.backend}`,
  );
