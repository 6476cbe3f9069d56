// A tanh student of a tanh teacher, one example a step (Andriushchenko et al., NeurIPS 2023, section 5, has ReLU): SAM
// against SGD, against a random direction of the same length, and against weight decay. All seeds are rows of one tree.
import { foldIn, key, normal, uniforms } from '@steppe/random';
import { addDecayedWeights, chain, displaceBy, perturbBy, samTransform, scale } from '@steppe/transforms';
import { map } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { descend, seeds } from './descend.mjs';

const [inputs, examples, tested, teachers, students, eta, steps] = [3, 20, 1000, 3, 100, 0.005, 20_000];

const unitRows = (x) => tf.div(x, tf.norm(x, 2, -1, true));

/** [seeds, examples, inputs] to [seeds, examples, 1]. */
const output = ({ kernel, bias, head }, x) => tf.matMul(tf.tanh(tf.add(tf.matMul(x, kernel), bias)), head);

/** The data of all seeds, on the sphere, and students of standard deviation 1. */
function draw(chosen) {
  const part = (i, shape) => tf.stack(chosen.map((seed) => normal(foldIn(key(seed), i), shape)));
  const teacher = {
    kernel: tf.transpose(unitRows(part(0, [teachers, inputs])), [0, 2, 1]),
    bias: part(1, [1, teachers]),
    head: tf.sign(part(2, [teachers, 1])),
  };
  const label = (x) => ({ x, y: output(teacher, x) });
  const train = label(unitRows(part(3, [examples, inputs])));
  const orders = chosen.map((seed) => uniforms(foldIn(key(seed), 8), 1.5 * steps));
  const n = chosen.length;
  const flat = { x: tf.reshape(train.x, [n * examples, inputs]), y: tf.reshape(train.y, [n * examples, 1]) };
  const batchOf = (step) => {
    const at = tf.tensor1d(
      orders.map((order, i) => i * examples + Math.floor(order[step] * examples)),
      'int32',
    );
    return { x: tf.reshape(tf.gather(flat.x, at), [n, 1, inputs]), y: tf.reshape(tf.gather(flat.y, at), [n, 1, 1]) };
  };
  return {
    batchOf,
    test: label(unitRows(part(4, [tested, inputs]))),
    student: { kernel: part(5, [inputs, students]), bias: part(6, [1, students]), head: part(7, [students, 1]) },
  };
}

/** The squared error of each seed's example, summed, and its gradient, by hand. */
function gradient({ kernel, bias, head }, { x, y }) {
  const hidden = tf.tanh(tf.add(tf.matMul(x, kernel), bias)); // [seeds, 1, students]
  const r = tf.sub(tf.matMul(hidden, head), y); // [seeds, 1, 1]
  const slope = tf.mul(r, 2);
  const back = tf.mul(tf.mul(slope, tf.transpose(head, [0, 2, 1])), tf.sub(1, tf.square(hidden)));
  return {
    value: tf.sum(tf.square(r)),
    grads: {
      kernel: tf.mul(tf.transpose(x, [0, 2, 1]), back),
      bias: back,
      head: tf.transpose(tf.mul(hidden, slope), [0, 2, 1]),
    },
    aux: null,
  };
}

/** Gives each seed's part of a tree the length ρ, as `samTransform` does the whole tree. */
function lengthened({ kernel, bias, head }, rho) {
  const squares = [kernel, bias, head].map((leaf) => tf.sum(tf.square(leaf), [1, 2], true));
  const length = tf.sqrt(tf.addN(squares));
  return map({ kernel, bias, head }, (leaf) => tf.mul(tf.divNoNan(leaf, length), rho));
}

/** SAM in each seed alone, in the first half of the run as the authors have it: the radius of a step is its state. */
const sam = (rho) =>
  perturbBy(
    () => ({ step: 0 }),
    (grads, { step }) => [lengthened(grads, step < steps / 2 ? rho : 0), { step: step + 1 }],
  );

/** A random direction of the same length. */
const noise = (rho) =>
  displaceBy(
    () => ({ step: 0 }),
    ({ step }, params) => {
      const drawn = map(params, (leaf, path) => normal(foldIn(foldIn(key(9), step), path.length), leaf.shape));
      return lengthened(drawn, step < steps / 2 ? rho : 0);
    },
    (grads, { step }) => [grads, { step: step + 1 }],
  );

const arms = {
  'scale(-eta)': [scale(-eta), steps],
  'scale(-eta), 1.5 × the steps': [scale(-eta), 1.5 * steps],
  'chain(samTransform(0.05), scale(-eta))': [chain(sam(0.05), scale(-eta)), steps],
  'chain(samTransform(0.2), scale(-eta))': [chain(sam(0.2), scale(-eta)), steps],
  'chain(random(0.2, seed), scale(-eta))': [chain(noise(0.2), scale(-eta)), steps],
  'chain(addDecayedWeights(1e-2), scale(-eta))': [chain(addDecayedWeights(1e-2), scale(-eta)), steps],
};

/** Refuses to measure SAM by rows if it were not `samTransform` of each seed. */
function checkRows() {
  tf.tidy(() => {
    const { batchOf, student } = draw([3]);
    const [own, whole] = [sam(0.2), samTransform(0.2)].map(
      (link) => descend(chain(link, scale(-eta)), gradient, student, 50, { batchOf }).params,
    );
    const apart = tf.max(tf.abs(tf.sub(own.kernel, whole.kernel))).dataSync()[0];
    if (!(apart < 1e-5)) throw new Error(`SAM by rows is ${apart} away from samTransform.`);
  });
}

function testErrors() {
  checkRows();
  const { batchOf, test, student } = draw(seeds);
  return Object.fromEntries(
    Object.entries(arms).map(([name, [optimizer, count]]) => {
      const { params } = descend(optimizer, gradient, student, count, { batchOf });
      const errors = tf.tidy(() => tf.mean(tf.square(tf.sub(output(params, test.x), test.y)), [1, 2]));
      return [name, [...errors.dataSync()]];
    }),
  );
}

export const comparison = {
  title: 'tanh student of a tanh teacher, 20,000 steps of one example, SAM in the first half',
  measure: 'test error',
  baseline: 'scale(-eta)',
  expected: {
    'scale(-eta), 1.5 × the steps': '-0.01',
    'chain(samTransform(0.05), scale(-eta))': '-0.34 ± 0.05, 20 of 20',
    'chain(samTransform(0.2), scale(-eta))': '-1.95 ± 0.20, 20 of 20',
    'chain(random(0.2, seed), scale(-eta))': '-0.01',
    'chain(addDecayedWeights(1e-2), scale(-eta))': '-2.12 ± 0.15, 20 of 20',
  },
  run: testErrors,
};
