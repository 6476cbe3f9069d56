// Trains a few steps by each chain on all ranks, captured and kernel by kernel, and the same in one process on rank 0,
// where the batch is cut into as many slices; prints a line of JSON for each chain: the hashes of all that a step gives.
// With `--ranks` steps are captured only, and nothing is done in one process, which is the same with every library.
// `mpirun -n N node contract.mjs [--ranks] [CHAIN ...]`
import { createHash } from 'node:crypto';
import '@tensorflow/tfjs';
import { allReduceMean, meanAcross, meanOfTrees, onTwoRanks, rowsOf, world } from '@steppe/distributed';
import { softmaxCrossEntropy, syncBatchNorm, wideResNet } from '@steppe/models';
import { registerNative } from '@steppe/native';
import { foldIn, key, normal } from '@steppe/random';
import { reestimateState, train as trainOn, trainStep } from '@steppe/train';
import { chain, lookSam, microBatch, momentum, sampa, samTransform } from '@steppe/transforms';
import { dispose, leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';

await registerNative();
await tf.setBackend('native');
const workers = world({ limit: 60 });
const { rank, size } = workers;
// A number that no world divides: the last slice is smaller.
const examples = 11;
const part = Math.ceil(examples / size);
const steps = 3;

const model = wideResNet({ depth: 10, width: 1, classes: 4, dropout: 0.3 });
const lossOf = ({ apply }) => ({
  outputs: (params, state, { x }, drawn) => apply(params, state, x, { training: true, key: drawn }),
  loss: (logits, { y }) => [softmaxCrossEntropy(logits, y), { sum: tf.sum(logits) }],
});
const loss = lossOf(model);
/** By what makes the mean: the link over ranks, or that over slices. */
const chains = {
  'SAM, ε̂ of each': (mean) => chain(samTransform(0.1), mean, momentum(0.1)),
  'SAM, ε̂ shared': (mean) => chain(mean, samTransform(0.1), momentum(0.1)),
  ASAM: (mean) => chain(samTransform(0.5, 2, { adaptive: { eta: 0 } }), mean, momentum(0.1)),
  'order 2': (mean) => chain(samTransform(0.1, 2, { order: 2 }), mean, momentum(0.1)),
  'order 2, ε̂ shared': (mean) => chain(mean, samTransform(0.1, 2, { order: 2 }), momentum(0.1)),
  lookSam: (mean) => chain(lookSam(2, 0.1), mean, momentum(0.1)),
  'slices within': (mean) => chain(samTransform(0.1), microBatch(1), mean, momentum(0.1)),
};

const hash = (tree) => {
  const sum = createHash('sha256');
  for (const { path, leaf } of leaves(tree)) sum.update(`${path} ${leaf.dtype} ${leaf.shape} `).update(leaf.dataSync());
  return sum.digest('hex').slice(0, 16);
};

/** What training gives on the given rows of each batch, captured or not; `look` sees the last weights and running
 * statistics. */
async function train(optimizer, { begin, end }, { losses = loss, look = () => {}, capture = false } = {}) {
  const step = trainStep(losses, optimizer);
  const { params, state } = model.init(key(0), [8, 8, 1]);
  const start = step.start(params, state, key(1));
  const batches = Array.from({ length: steps }, (_, i) =>
    tf.tidy(() => ({
      x: tf.slice(normal(foldIn(key(2), i), [examples, 8, 8, 1]), [begin, 0, 0, 0], [end - begin, 8, 8, 1]),
      y: tf.tensor1d(
        Array.from({ length: end - begin }, (_, j) => (begin + j + i) % 4),
        'int32',
      ),
    })),
  );
  const hashes = [];
  const note = ({ report }) => {
    hashes.push(hash(report));
  };
  // What is not captured is told.
  const warn = (message) => hashes.push(message);
  const last = await trainOn(step, start, batches, note, { capture: capture && { warn } });
  hashes.push(hash({ ...last, step: null, key: null }));
  look({ params: last.params, state: last.state });
  dispose(start, last, params, state);
  return hashes.join(' ');
}

/** What training gives on ranks, captured and, where ranks are compared with one process, also kernel by kernel. */
async function onRanks(make, rows, losses, look) {
  const captured = await train(make(), rows, { losses, look, capture: true });
  if (!isCompared) return captured;
  const eager = await train(make(), rows, { losses });
  return captured === eager ? eager : `captured ${captured}, kernel by kernel ${eager}`;
}

const valuesOf = (tree) => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);

/** Training with statistics over all ranks, and how far it is from one process with the whole batch: by how much of the
 * largest step of a weight, 0 where that rounds away. */
async function synchronized(of) {
  const network = wideResNet({ depth: 10, width: 1, classes: 4 });
  let [ours, theirs] = [[], []];
  const over = lossOf(syncBatchNorm(network, meanAcross(workers)));
  const own = await onRanks(
    () => of(allReduceMean(workers)),
    rowsOf(workers, examples),
    over,
    (last) => {
      ours = valuesOf(last);
    },
  );
  const one = async () => {
    const look = (last) => {
      theirs = valuesOf(last);
    };
    const alone = await train(of(chain()), whole, { losses: lossOf(network), look });
    const away = Math.max(...ours.map((x, i) => Math.abs(x - theirs[i]) / (1 + Math.abs(theirs[i]))));
    return away < 1e-5 && ours.length === theirs.length && alone !== own ? own : `${away} away`;
  };
  return [own, one];
}

/** The sums, means and maxima of numbers of every kind, short and long, against those computed here. */
function collectives() {
  const wrong = [];
  const of = (kind, length, of) => kind.from({ length }, (_, i) => ((i * 7 + of * 3) % 11) - 5);
  for (const kind of [Float32Array, Float64Array, Int32Array])
    for (const length of [0, 1, 5, 10_001])
      for (const reduction of ['sum', 'max', ...(kind === Int32Array ? [] : ['mean'])]) {
        const values = workers.allReduce(of(kind, length, rank), reduction);
        const all = Array.from({ length: size }, (_, other) => of(kind, length, other));
        const expected = kind.from({ length }, (_, i) => {
          const column = all.map((one) => one[i]);
          const sum = column.reduce((a, b) => a + b);
          return reduction === 'max' ? Math.max(...column) : reduction === 'mean' ? sum / size : sum;
        });
        if (values.some((x, i) => x !== expected[i])) wrong.push(`${kind.name} ${length} ${reduction}`);
      }
  // A view into a longer buffer.
  const view = new Float32Array(100).fill(rank).subarray(3, 60);
  if (workers.allReduce(view).some((x) => x !== (size * (size - 1)) / 2)) wrong.push('view');
  if (workers.broadcast(Float64Array.of(rank, 2), size - 1)[0] !== size - 1) wrong.push('broadcast');
  const lengths = workers.allGather(new Uint8Array(rank)).map(({ length }) => length);
  if (lengths.join() !== Array.from({ length: size }, (_, i) => i).join()) wrong.push('allGather');
  if (workers.localRank !== rank || workers.localSize !== size) wrong.push('localRank');
  return wrong;
}

/** A mean over tokens that count: none of the last slice's, whose values are NaN, and what is summed or an integer. */
function weighted(mean, { begin, end }) {
  const tokens = tf.tensor1d(Array.from({ length: examples }, (_, i) => (i < (size - 1) * part ? (i % 3) + 1 : 0)));
  const gradient = (w, x) => {
    const sum = tf.sum(x);
    const value = tf.div(sum, sum);
    // More integers than travel with the shares.
    const integers = {
      same: tf.range(0, 40, 1, 'int32'),
      seen: tf.fill([35], x.size, 'int32'),
      size: tf.scalar(x.size, 'int32'),
    };
    return {
      value,
      grads: { w: tf.mul(w.w, value), nothing: tf.zeros([0, 3]), count: tf.cast(w.w, 'int32') },
      aux: { tokens: sum, ...integers },
    };
  };
  const [evaluation] = mean({ weight: (x) => tf.sum(x), aux: { tokens: 'sum', seen: 'sum' } }).update(
    gradient,
    null,
    { w: tf.tensor1d([2, 0.3, -4]) },
    tf.slice(tokens, begin, end - begin),
  );
  return hash(evaluation);
}

/** Running statistics of batch norm at given weights, taken anew over batches: by what gives the next ones for a batch. */
async function reestimated({ begin, end }, next) {
  const { params, state } = model.init(key(0), [8, 8, 1]);
  const batches = Array.from({ length: 3 }, (_, i) =>
    tf.tidy(() => tf.slice(normal(foldIn(key(2), i), [examples, 8, 8, 1]), [begin, 0, 0, 0], [end - begin, 8, 8, 1])),
  );
  const statistics = (from, x) => model.apply(params, from, x, { training: true, key: key(3) })[1];
  const last = await reestimateState((from, x) => next((slice) => statistics(from, slice), x), state, batches);
  const told = hash(last);
  dispose(params, state, last);
  return told;
}

const isCompared = !process.argv.includes('--ranks');
const encode = (text) => new TextEncoder().encode(text);
/** A line of what all ranks have computed, and one process. */
async function tell(name, leaks, own, one) {
  const ranks = [...new Set(workers.allGather(encode(own)).map((bytes) => new TextDecoder().decode(bytes)))];
  if (rank === 0) console.log(JSON.stringify({ name, leaks, ranks, one: isCompared ? await one() : null }));
}

const whole = { begin: 0, end: examples };
const wanted = process.argv.slice(2).filter((word) => word !== '--ranks');
if (wanted.length === 0) {
  await tell('collectives', 0, collectives().join(), () => '');
  const own = (options) => allReduceMean(workers, options);
  const slices = (options) => microBatch(part, options);
  const weights = weighted(own, rowsOf(workers, examples));
  await tell('weights', 0, weights, () => weighted(slices, whole));
  // Where no backend packs, JavaScript does.
  await tf.setBackend('cpu');
  const inJavaScript = weighted(own, rowsOf(workers, examples));
  await tell(
    'weights on another backend',
    0,
    `${inJavaScript} ${inJavaScript === weights}`,
    () => `${weighted(slices, whole)} true`,
  );
  await tf.setBackend('native');
}
if (wanted.length === 0) {
  const before = tf.memory().numTensors;
  const mean = meanOfTrees(workers);
  const own = await reestimated(rowsOf(workers, examples), (statistics, x) => mean(statistics(x), x.shape[0]));
  const leaks = tf.memory().numTensors - before;
  // The mean over slices in one process, as microBatch takes it of the statistics in the aux.
  const slices = microBatch(part, { aux: 'mean' });
  const one =
    rank > 0 || !isCompared
      ? ''
      : await reestimated(whole, (statistics, x) => {
          const gradient = (_, slice) => ({ value: tf.scalar(0), grads: tf.scalar(0), aux: statistics(slice) });
          return slices.update(gradient, null, tf.scalar(0), x)[0].aux;
        });
  await tell('statistics taken anew', leaks, own, () => one);
}
for (const [name, of] of Object.entries(chains).filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  const before = tf.memory().numTensors;
  const ranks = await onRanks(() => of(allReduceMean(workers)), rowsOf(workers, examples));
  await tell(name, tf.memory().numTensors - before, ranks, () => train(of(microBatch(part)), whole));
}
const together = {
  'synchronized, ε̂ shared': (mean) => chain(mean, samTransform(0.1), momentum(0.1)),
  'synchronized, order 2': (mean) => chain(mean, samTransform(0.1, 2, { order: 2 }), momentum(0.1)),
};
for (const [name, of] of Object.entries(together).filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  const before = tf.memory().numTensors;
  const [own, one] = await synchronized(of);
  await tell(name, tf.memory().numTensors - before, own, one);
}
// Two gradients on two ranks, of which both see the whole batch.
if (size === 2 && (wanted.length === 0 || wanted.includes('SAMPa'))) {
  const before = tf.memory().numTensors;
  const of = (options) => sampa(momentum(0.1), 0.1, options);
  // It cannot be captured, since the other rank's result is known only when it is there.
  const own = await train(of({ both: onTwoRanks(workers) }), whole);
  await tell('SAMPa', tf.memory().numTensors - before, own, () => train(of({}), whole));
}
workers.finalize();
