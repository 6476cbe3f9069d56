// Seconds of a Hessian-vector product over a gradient, and of samTransform of order 2 over order 1, of WideResNets on
// one backend, alternated in one run, by the clock and by processor time, which a busy machine changes little; peak
// memory; leaks.
//   npm run build && node tools/bench/hvp.mjs [--backend wasm] [--rounds 5] [--keep] [depth-width-batch ...]
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { samTransform } from '@steppe/transforms';
import { dispose, leaves, map } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { classifier } from './classifier.mjs';
import { keep, median, table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'wasm' },
    rounds: { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : ['10-1-32'];
const rounds = Number(values.rounds);

/** Seconds of processor time so far, of all threads. */
function processor() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Seconds until the results are there, by both clocks: one of them is read back, which waits for all. */
async function timed(run) {
  const [begin, used] = [performance.now(), processor()];
  const result = run();
  await leaves(result)[0].leaf.data();
  const found = { seconds: (performance.now() - begin) / 1000, busy: processor() - used };
  dispose(result);
  return found;
}

async function measure(name) {
  const { network, batch, params, state, examples, loss } = classifier(name);
  const gradient = valueAndGrad((w, b) => loss(w, state, b));
  const v = map(params, (leaf) => tf.onesLike(leaf));
  const sams = [1, 2].map((order) => samTransform(0.05, 2, { order }));
  const counts = sams.map((sam) => sam.init(params));
  const runs = {
    gradient: () => gradient(params, examples),
    hvp: () => gradient.hvp(params, examples, v),
    first: () => sams[0].update(gradient, counts[0], params, examples),
    second: () => sams[1].update(gradient, counts[1], params, examples),
  };
  const times = { gradient: [], hvp: [], first: [], second: [] };
  const before = tf.memory().numTensors;
  for (let round = -1; round < rounds; round++)
    for (const [name, run] of Object.entries(runs)) {
      const found = await timed(run);
      if (round >= 0) times[name].push(found); // the first round warms up
    }
  const leaked = tf.memory().numTensors - before;
  dispose(params, state, examples, v, counts);
  const medians = (clock) =>
    [times.gradient, times.hvp, times.first, times.second].map((found) => median(found.map((one) => one[clock])));
  const [g, h, first, second] = medians('seconds');
  const [gBusy, hBusy] = medians('busy');
  return {
    network,
    batch,
    'gradient (s)': g.toFixed(4),
    'hvp (s)': h.toFixed(4),
    'hvp / gradient': (h / g).toFixed(2),
    'by processor time': (hBusy / gBusy).toFixed(2),
    'SAM of order 1 (s)': first.toFixed(4),
    'SAM of order 2 (s)': second.toFixed(4),
    'order 2 / order 1': (second / first).toFixed(2),
    'peak memory (MB)': Math.round(process.resourceUsage().maxRSS / 1024),
    'tensors leaked': leaked,
  };
}

const { name, why } = await useBackend(values.backend);
const rows = [];
for (const each of names) rows.push(await measure(each));
console.log(values.json ? JSON.stringify({ backend: name, why, rows }) : `${name}: ${why}\n\n${table(rows)}`);
if (values.keep)
  keep(
    `hvp-${name}`,
    `Second derivatives on ${name}`,
    `Medians of ${rounds} alternated rounds, 28 × 28 × 1 images.\n\n${table(rows)}`,
    `node tools/bench/hvp.mjs --backend ${values.backend}`,
  );
