// A diagonal linear network, ŷ = ⟨x, u∘v⟩, all seeds in one tree: m-sharpness with m = 1 finds the sparse solution, SAM
// of the whole batch does not (Andriushchenko & Flammarion, ICML 2022, section 4.2).
import { foldIn, key, normal, permutation } from '@steppe/random';
import { addDecayedWeights, chain, microBatch, scale, usam } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { descend, seeds } from './descend.mjs';

const [features, examples, sparsity, tested, steps] = [30, 20, 3, 1000, 10_000];

/** The data of a seed: y = ⟨x, θ⟩ with a θ of length 1 and 3 entries. */
function draw(seed) {
  const root = key(seed);
  const chosen = new Set(permutation(foldIn(root, 0), features).slice(0, sparsity));
  const mask = tf.tensor1d(Array.from({ length: features }, (_, i) => (chosen.has(i) ? 1 : 0)));
  const raw = tf.mul(normal(foldIn(root, 1), [features]), mask);
  const theta = tf.div(raw, tf.norm(raw));
  const label = (x) => ({ x, y: tf.sum(tf.mul(x, theta), 1) });
  return {
    train: label(normal(foldIn(root, 2), [examples, features])),
    test: label(normal(foldIn(root, 3), [tested, features])),
  };
}

/** The sum over the seeds of the mean of ½r² over the examples, and its gradient, by hand. */
function gradient({ u, v }, { x, y }) {
  const r = tf.sub(tf.sum(tf.mul(x, tf.mul(u, v)), 2), y); // [examples, seeds]
  const slope = tf.mean(tf.mul(x, tf.expandDims(r, 2)), 0); // [seeds, features]
  return {
    value: tf.mul(0.5, tf.sum(tf.mean(tf.square(r), 0))),
    grads: { u: tf.mul(slope, v), v: tf.mul(slope, u) },
    aux: null,
  };
}

const eta = 10 / features;
/** Its radius is one per gradient, so that the seeds do not see each other. */
const arms = {
  'scale(-eta)': chain(scale(-eta)),
  'chain(usam(0.2), scale(-eta))': chain(usam(0.2), scale(-eta)),
  'chain(usam(0.06), microBatch(1), scale(-eta))': chain(usam(0.06), microBatch(1), scale(-eta)),
  'chain(usam(0.1), microBatch(1), scale(-eta))': chain(usam(0.1), microBatch(1), scale(-eta)),
  'chain(addDecayedWeights(1e-3), scale(-eta))': chain(addDecayedWeights(1e-3), scale(-eta)),
};

/** The test loss of each seed under each arm. */
function testLosses() {
  const drawn = seeds.map(draw);
  const stack = (split) => ({
    x: tf.stack(
      drawn.map((data) => data[split].x),
      1,
    ),
    y: tf.stack(
      drawn.map((data) => data[split].y),
      1,
    ),
  });
  const [train, test] = [stack('train'), stack('test')];
  const start = { u: tf.fill([seeds.length, features], 0.1), v: tf.zeros([seeds.length, features]) };
  return Object.fromEntries(
    Object.entries(arms).map(([name, optimizer]) => {
      const { params } = descend(optimizer, gradient, start, steps, { batchOf: () => train });
      const losses = tf.tidy(() => {
        const r = tf.sub(tf.sum(tf.mul(test.x, tf.mul(params.u, params.v)), 2), test.y);
        return [...tf.mul(0.5, tf.mean(tf.square(r), 0)).dataSync()];
      });
      return [name, losses];
    }),
  );
}

export const comparison = {
  title: 'Diagonal linear network, 10,000 steps of η = 1/3, from (0.1, 0)',
  measure: 'test loss',
  baseline: 'scale(-eta)',
  /** log₁₀ of the test loss over that of gradient descent, as field.md gives it. */
  expected: {
    'chain(usam(0.2), scale(-eta))': 'no gain',
    'chain(usam(0.06), microBatch(1), scale(-eta))': '-0.19 ± 0.04, 20 of 20',
    'chain(usam(0.1), microBatch(1), scale(-eta))': '-0.24 ± 0.26, 19 of 20',
    'chain(addDecayedWeights(1e-3), scale(-eta))': '-2.50 ± 0.11, 20 of 20',
  },
  run: testLosses,
};
