import { type PreciseBackend, preciseBackend } from '@steppe/kernels';
import { registerNative } from '@steppe/native';
import { addScaled, dispose, dot, map, norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain, dualNorm, samTransform, scale, trace } from '../../src/index.ts';

let native: PreciseBackend;
beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
  native = preciseBackend() as PreciseBackend;
  native.inFloat32 = []; // it rounds, also where float32 is faster
});
afterAll(() => tf.setBackend('cpu'));

type Precision = PreciseBackend['precision'];
type Weights = { readonly first: tf.Tensor4D; readonly second: tf.Tensor4D; readonly dense: tf.Tensor2D };
type Batch = { readonly images: tf.Tensor4D; readonly labels: tf.Tensor2D };

const [EXAMPLES, SIDE, CHANNELS, CLASSES] = [8, 10, 8, 4];
const draw = (shape: number[], size: number, seed: number) => tf.randomNormal(shape, 0, size, 'float32', seed);
const labels = tf.oneHot(
  Array.from({ length: EXAMPLES }, (_, i) => i % CLASSES),
  CLASSES,
) as tf.Tensor2D;
const batch = { images: draw([EXAMPLES, SIDE, SIDE, 3], 1, 1) as tf.Tensor4D, labels };
const start: Weights = {
  first: draw([3, 3, 3, CHANNELS], 0.3, 2) as tf.Tensor4D,
  second: draw([3, 3, CHANNELS, CHANNELS], 0.2, 3) as tf.Tensor4D,
  dense: draw([CHANNELS * 25, CLASSES], 0.05, 4) as tf.Tensor2D,
};

/** The loss of a small network of convolutions, and its gradient. */
function gradient(params: Weights, { images, labels }: Batch) {
  const loss = (first: tf.Tensor4D, second: tf.Tensor4D, dense: tf.Tensor2D): tf.Scalar => {
    const hidden = tf.tanh(tf.conv2d(images, first, 1, 'same'));
    const last = tf.tanh(tf.conv2d(hidden, second, 2, 'same'));
    return tf.losses.softmaxCrossEntropy(labels, tf.matMul(tf.reshape(last, [EXAMPLES, -1]), dense)) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss as never)([params.first, params.second, params.dense]);
  const [first, second, dense] = grads as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D];
  return { value: value as tf.Scalar, grads: { first, second, dense }, aux: null };
}

const subtract = (a: Weights, b: Weights): Weights => addScaled(a, -1, b);

function within<Result>(precision: Precision, compute: () => Result): Result {
  native.precision = precision;
  try {
    return compute();
  } finally {
    native.precision = 'highest';
  }
}

describe.each(['high', 'default'] as const)('in the precision %s', (precision) => {
  test.each([1, 1.5, 2, 8, Number.POSITIVE_INFINITY])(
    'the ascent of SAM has the length rho in the %d-norm, and raises the loss by rho times the dual norm',
    (p) => {
      const rho = 0.5;
      const seen: Weights[] = [];
      const watched = (params: Weights, of: Batch) => {
        seen.push(map(params, (w) => tf.keep(tf.clone(w)) as never));
        return gradient(params, of);
      };
      within(precision, () => {
        const link = samTransform(rho, p);
        link.update(watched, link.init(start), start, batch);
        const { grads } = gradient(start, batch);
        const epsilon = subtract(seen[1] as Weights, start);
        expect(norm(epsilon, p).arraySync() / rho).toBeCloseTo(1, 4);
        expect(dot(epsilon, grads).arraySync() / (rho * dualNorm(grads, p).arraySync())).toBeCloseTo(1, 4);
        dispose(seen);
      });
    },
  );

  test('SAM of radius 0 gives the bits of the gradient, and nothing of it is left in memory', () => {
    within(precision, () => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const link = samTransform(0);
        const [{ grads }] = link.update(gradient, link.init(start), start, batch);
        const plain = gradient(start, batch).grads;
        for (const name of ['first', 'second', 'dense'] as const)
          expect([...grads[name].dataSync()]).toEqual([...plain[name].dataSync()]);
      });
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

/** The network with examples, and channels between its layers, in the opposite order: the same sums in another one. */
const turned = ({ first, second, dense }: Weights): Weights => ({
  first: tf.reverse(first, 3),
  second: tf.reverse(second, [2, 3]),
  dense: tf.reshape(tf.reverse(tf.reshape(dense, [25, CHANNELS, CLASSES]), 1), dense.shape),
});

function trained(precision: Precision, from: Weights, on: Batch): Weights {
  const optimizer = chain(samTransform(0.05), trace(0.9), scale(-0.1));
  return within(precision, () => {
    let [weights, state] = [from, optimizer.init(from)];
    for (let step = 0; step < 12; step++) {
      const [{ grads }, next] = optimizer.update(gradient, state, weights, on);
      [weights, state] = [addScaled(weights, 1, grads), next];
    }
    return weights;
  });
}

test('trajectories of SAM in high are some times as far from float32 as another order of its sums, in default a thousand times', () => {
  const opposite = { images: tf.reverse(batch.images, 0), labels: tf.reverse(batch.labels, 0) };
  const exact = trained('highest', start, batch);
  const away = (other: Weights): number => norm(subtract(other, exact)).arraySync();
  const order = away(turned(trained('highest', turned(start), opposite)));
  const [high, rough] = [away(trained('high', start, batch)), away(trained('default', start, batch))];
  expect(away(start)).toBeGreaterThan(0.5);
  expect(order).toBeGreaterThan(0);
  expect(high).toBeLessThan(64 * order);
  expect(rough).toBeGreaterThan(300 * high);
  expect(rough).toBeLessThan(0.1 * away(start));
});
