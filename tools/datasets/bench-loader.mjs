// Measures the loader: images/s with the augmentation of the SAM paper on images of CIFAR's size, and the time to load
// the shipped subset. CPU time as well as wall-clock time, since other work on the machine hardly changes it. Run after
// `npm run build`:
//
//     node tools/datasets/bench-loader.mjs

import '@tensorflow/tfjs';
import { basicAugmentation, batches, compose, cutout, normalizations } from '@steppe/datasets';
import { loadDataset } from '@steppe/datasets/node';
import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';

await tf.setBackend('cpu');
const count = 10_000;
const split = {
  images: Uint8Array.from({ length: count * 3072 }, (_, i) => i * 31),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
  shape: [32, 32, 3],
  normalization: normalizations.cifar10,
};
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Wall-clock and CPU milliseconds that a piece of work takes, medians of 7. */
async function timed(work) {
  const runs = [];
  for (let i = 0; i < 7; i += 1) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
  }
  return { wall: median(runs.map((run) => run.wall)), cpu: median(runs.map((run) => run.cpu)) };
}

async function epoch(augment) {
  for await (const batch of batches(split, { batchSize: 128, seed: key(1), shuffle: true, augment }))
    tf.dispose([batch.images, batch.labels]);
}

for (const [name, augment] of [
  ['none', undefined],
  ['flip + crop', basicAugmentation()],
  ['flip + crop + cutout', compose(basicAugmentation(), cutout(16))],
]) {
  const { wall, cpu } = await timed(() => epoch(augment));
  const rate = (ms) => Math.round((1000 * count) / ms);
  const batch = ((128 / count) * cpu).toFixed(2);
  console.log(`${name}: ${rate(wall)} images/s, ${rate(cpu)} per CPU second; ${batch} ms of CPU for a batch of 128`);
}

const { wall, cpu } = await timed(() => loadDataset('fashion-mnist-mini'));
console.log(`fashion-mnist-mini: loaded in ${wall.toFixed(0)} ms (${cpu.toFixed(0)} ms of CPU)`);
