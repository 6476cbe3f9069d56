// What the top of a Hessian spectrum costs: products and seconds of `topEigenvalues` over images of Fashion-MNIST, beside
// gradients over the same images, for a network as it begins and after some steps of SGD.
//   npm run build && node tools/bench/sharpness.mjs [--backend native] [--network 16-1] [--images 2000] [--batch 125]
//     [--steps 0,100] [--tolerance 1e-2] [--folder DIR [--seconds 80]] [--keep]
// In a folder, weights and products are kept: it ends after some seconds and goes on from there when it is run again.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { batches } from '@steppe/datasets';
import { loadDataset } from '@steppe/datasets/node';
import { softmaxCrossEntropy, wideResNet } from '@steppe/models';
import { key } from '@steppe/random';
import { hessian, topEigenvalues } from '@steppe/sharpness';
import { trainStep } from '@steppe/train';
import { momentum } from '@steppe/transforms';
import { deserialize, dispose, leaves, map, replace, serialize, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { keep, median, table } from './report.mjs';

const { values: given } = parseArgs({
  options: {
    backend: { type: 'string', default: 'native' },
    network: { type: 'string', default: '16-1' },
    images: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '125' },
    steps: { type: 'string', default: '0,100' },
    tolerance: { type: 'string', default: '1e-2' },
    folder: { type: 'string' },
    seconds: { type: 'string', default: 'Infinity' },
    keep: { type: 'boolean', default: false },
  },
});
const began = performance.now();
const late = () => performance.now() - began > 1000 * Number(given.seconds);
if (given.folder) mkdirSync(given.folder, { recursive: true });
const { name, why } = await useBackend(given.backend);
const [depth, width] = given.network.split('-').map(Number);
const network = wideResNet({ depth, width, classes: 10 });
const { train } = await loadDataset('fashion-mnist-mini');
const count = Math.min(Number(given.images), train.labels.length);
const area = train.shape.reduce((a, b) => a * b, 1);
const split = { ...train, images: train.images.subarray(0, count * area), labels: train.labels.subarray(0, count) };
const every = (options) => batches(split, { batchSize: Number(given.batch), seed: 0, ...options });
const loss = (params, state, { images, labels }) => {
  const [logits, next] = network.apply(params, state, images, { training: true });
  return [softmaxCrossEntropy(logits, labels), { state: next, metrics: {} }];
};

/** Seconds of processor time, which a busy machine changes little. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Seconds of one batch's gradient and of its Hessian product, medians of alternated rounds. */
async function costs(params, state) {
  const gradient = valueAndGrad((w, examples) => loss(w, state, examples));
  const times = { gradient: [], product: [] };
  const runs = { gradient: (b) => gradient(params, b), product: (b) => gradient.hvp(params, b, params) };
  let round = 0;
  for await (const examples of every({})) {
    for (const [kind, run] of Object.entries(runs)) {
      const begin = clock();
      const result = run(examples);
      await leaves(result)[0].leaf.data();
      if (round > 0) times[kind].push(clock() - begin); // the first one warms up
      dispose(result);
    }
    dispose(examples);
    round += 1;
    if (round > 5) break;
  }
  return { gradient: median(times.gradient), product: median(times.product) };
}

/** Ends this run, when its seconds are over. */
function pause(text) {
  console.log(`${text}: run it again to go on.`);
  process.exit(0);
}

/**
 * An operator that keeps its products in files and takes them from there the next time: Lanczos' method begins with the
 * same vector and asks for the same ones in the same order. `seconds` has the processor time of each.
 */
function remembered(H, name) {
  const [numbers, times] = ['bin', 'txt'].map((ending) => given.folder && join(given.folder, `${name}.${ending}`));
  const read = numbers && existsSync(numbers) ? readFileSync(numbers) : Buffer.alloc(0);
  const seconds = times && existsSync(times) ? readFileSync(times, 'utf8').trim().split('\n').map(Number) : [];
  const bytes = 4 * H.dimension;
  let next = 0;
  const multiply = async (v) => {
    const number = next++;
    if (number < seconds.length) {
      const stored = read.subarray(number * bytes, (number + 1) * bytes);
      const all = new Float32Array(stored.buffer.slice(stored.byteOffset, stored.byteOffset + bytes));
      let from = 0;
      return map(H.like, (leaf) => {
        from += leaf.size;
        return tf.tensor(all.slice(from - leaf.size, from), leaf.shape);
      });
    }
    if (late()) pause(`${number} products of ${name}`);
    const begin = clock();
    const product = await H.multiply(v);
    const parts = await Promise.all(leaves(product).map(({ leaf }) => leaf.data()));
    seconds.push(clock() - begin);
    if (numbers)
      for (const part of parts) appendFileSync(numbers, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    if (times) appendFileSync(times, `${seconds.at(-1)}\n`);
    return product;
  };
  return { operator: { ...H, multiply }, seconds };
}

const step = trainStep(loss, momentum(0.05));
let position = step.start(...Object.values(network.init(key(0), train.shape)), key(0));
const rows = [];
let done = 0;

/** Trains until so many steps are done, or takes the weights of a run before. */
async function weightsAfter(until) {
  const file = given.folder && join(given.folder, `weights-${until}.safetensors`);
  if (file && existsSync(file)) return (await deserialize(readFileSync(file))).tree;
  while (done < until)
    for await (const examples of every({ shuffle: true, epoch: done })) {
      if (done < until) position = replace(position, (from) => step.update(from, examples).position);
      dispose(examples);
      done += 1;
      if (done >= until) break;
    }
  const { params, state } = position;
  if (file) writeFileSync(file, await serialize({ params, state }));
  return { params, state };
}

for (const until of given.steps.split(',').map(Number)) {
  const { params, state } = await weightsAfter(until);
  const { gradient, product } = await costs(params, state);
  const H = hessian(
    (w, examples) => loss(w, state, examples)[0],
    params,
    () => every({}),
  );
  const { operator, seconds: each } = remembered(H, `products-${until}`);
  const top = await topEigenvalues(operator, { count: 5, tolerance: Number(given.tolerance) });
  const seconds = each.reduce((sum, product) => sum + product, 0);
  const pass = gradient * Math.ceil(count / Number(given.batch));
  rows.push({
    network: `WRN-${depth}-${width}`,
    weights: size(params),
    images: count,
    'steps of SGD': until,
    'product / gradient': (product / gradient).toFixed(2),
    products: top.products,
    converged: top.converged,
    'processor time (s)': seconds.toFixed(1),
    'in gradients over all images': (seconds / pass).toFixed(1),
    'five largest': top.values.map((value) => value.toPrecision(4)).join(', '),
    bounds: top.bounds.map((bound) => bound.toPrecision(2)).join(', '),
    'peak memory (MB)': Math.round(process.resourceUsage().maxRSS / 1024),
  });
  console.log(table(rows.slice(-1)));
}
console.log(`${name}: ${why}`);
if (given.keep)
  keep(
    `sharpness-${name}`,
    `The top of a Hessian spectrum on ${name}`,
    `Five eigenvalues, each to ${given.tolerance} of the largest, by \`topEigenvalues\`.\n\n${table(rows)}`,
    `node tools/bench/sharpness.mjs --backend ${given.backend}`,
  );
