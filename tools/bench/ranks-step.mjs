// Times a SAM step on this rank's share of the batch, an all-reduce of the gradient, its packing and unpacking, and a
// small message; rank 0 tells, in milliseconds. `mpirun -n 2 node ranks-step.mjs depth-width-batch`
import { useBackend } from '@steppe/backends';
import { allReduceMean, rowsOf, world } from '@steppe/distributed';
import { capturingBackend, packingBackend } from '@steppe/kernels';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { addDecayedWeights, chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose, leaves, map, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { classifier } from './classifier.mjs';
import { median } from './report.mjs';

const log = console.log;
console.log = console.error;
await useBackend('native');
const workers = world();
const { batch, params, state, examples, loss } = classifier(process.argv[2]);
const { begin, end } = rowsOf(workers, batch);
const own = map(examples, (x) => tf.slice(x, begin, end - begin));

/** The median of the milliseconds of five runs that begin together. */
function timed(run, times = 5) {
  const taken = [];
  for (let i = 0; i < times + 1; i++) {
    workers.barrier();
    const start = performance.now();
    run();
    if (i > 0) taken.push(performance.now() - start);
  }
  return median(taken);
}

const optimizer = chain(samTransform(0.05), allReduceMean(workers), addDecayedWeights(5e-4), trace(0.9), scale(-0.1));
const step = trainStep(loss, optimizer);
const position = step.start(params, state, key(2));
/** A step by its milliseconds, warm: V8 compiles for some 50 steps, of which all ranks make as many as fit in 5 s. */
const of = (update) => {
  const run = () => {
    const result = update(position, own);
    result.report.loss.dataSync();
    dispose(result);
  };
  const [count] = workers.broadcast(Float64Array.of(Math.min(60, Math.ceil(5000 / timed(run, 1)))));
  for (let i = 0; i < count; i++) run();
  return timed(run);
};
const captured = capturingBackend().capture((from, batch) => step.update(from, batch));
const [replay, eager] = [of(captured), of(step.update)];
captured.dispose();

const sums = new Float32Array(size(params));
const sent = workers.size === 1 ? 0 : timed(() => workers.allReduce(sums), 20);
// What the link does before it sends, and after.
const packing = packingBackend();
const tensors = leaves(params).map(({ leaf }) => leaf);
const shapes = tensors.map(({ shape }) => shape);
const packed = timed(() => packing.pack(tensors, 0.5, sums), 20);
const unpacked = timed(() => dispose(packing.unpack(sums, shapes)), 20);
const met = timed(() => workers.barrier(), 100);
// The link around a gradient that is there already.
const link = allReduceMean(workers);
const value = tf.scalar(0);
const given = () => ({ value: tf.clone(value), grads: map(params, (x) => tf.clone(x)), aux: null });
const around = timed(() => dispose(link.update(given, null, params, own)[0]), 20);
if (workers.rank === 0) log(JSON.stringify({ step: replay, eager, sent, packed, unpacked, met, around }));
workers.finalize();
