import { hvp, valueAndGrad } from '@steppe/autograd';
import { key } from '@steppe/random';
import { leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { drawLabels, fisher, gaussNewton, hessian, operatorOf } from '../../src/index.ts';
import {
  asOne,
  type Batch,
  classification,
  network,
  networkWeights,
  regression,
  regressionWeights,
  wholeOf,
} from '../support/classification.ts';
import { distance, eigenvaluesOf, matrixOf } from '../support/matrices.ts';

const draw = (logits: tf.Tensor, batch: Batch, by: ReturnType<typeof key>): Batch => ({
  ...batch,
  y: drawLabels(logits as tf.Tensor2D, by),
});
const difference = (A: Matrix, B: Matrix): number => distance(A.to1DArray(), B.to1DArray());

test('the Gauss-Newton matrix is the Hessian of a model that is linear in its parameters', async () => {
  const [batches, w] = [classification([4, 7]), regressionWeights()];
  const [G, H] = [
    await matrixOf(gaussNewton(regression, w, batches)),
    await matrixOf(hessian(wholeOf(regression), w, batches)),
  ];
  expect(difference(G, H)).toBeLessThan(1e-6);
});

test('the Hessian is the Gauss-Newton matrix, which has no negative eigenvalue, and Σ ∂ℓ/∂f·∇²f', async () => {
  const [batches, params] = [classification([6, 5]), networkWeights()];
  const whole = asOne(batches);
  const logits = network.outputs(params, whole) as tf.Tensor;
  const slope = valueAndGrad((f: tf.Tensor, batch: Batch) => network.loss(f, batch) as tf.Tensor)(logits, whole).grads;
  const bent = hvp((w: typeof params, batch: Batch) => tf.sum(tf.mul(network.outputs(w, batch) as tf.Tensor, slope)));
  const rest = await matrixOf(operatorOf(params, (v) => bent(params, whole, v)));
  const G = await matrixOf(gaussNewton(network, params, batches));
  const H = await matrixOf(hessian(wholeOf(network), params, batches));
  expect(difference(H, G.clone().add(rest))).toBeLessThan(1e-5);
  expect(Math.max(...rest.to1DArray().map(Math.abs))).toBeGreaterThan(0.01);
  expect(Math.min(...eigenvaluesOf(G))).toBeGreaterThan(-1e-6);
});

test('the empirical Fisher matrix is the mean of g·gᵀ over the gradients of examples alone', async () => {
  const [batches, params] = [classification([3, 4]), networkWeights()];
  const { x, y } = asOne(batches);
  const gradient = valueAndGrad(wholeOf(network));
  const rows = Array.from({ length: 7 }, (_, i) => {
    const { grads } = gradient(params, { x: tf.slice(x, [i, 0], [1, 2]), y: tf.slice(y, [i], [1]) });
    return leaves(grads as Tree).flatMap(({ leaf }) => [...leaf.dataSync()]);
  });
  const g = new Matrix(rows);
  const F = await matrixOf(fisher(network, params, batches));
  expect(difference(F, g.transpose().mmul(g).div(7))).toBeLessThan(1e-6);
});

test('the Fisher matrix by Monte Carlo is one matrix for a key, and its mean the Gauss-Newton matrix', async () => {
  const [w, few] = [regressionWeights(), asOne(classification([4]))];
  // Many copies of each example, since each draws a label of its own.
  const many = { x: tf.tile(few.x, [600, 1]), y: tf.tile(few.y, [600]) };
  const drawn = async (batch: Batch, samples: number, seed: number) =>
    matrixOf(fisher(regression, w, [batch], { draw, samples, key: key(seed) }));
  const [G, F, one] = [
    await matrixOf(gaussNewton(regression, w, [few])),
    await drawn(many, 2, 1),
    await drawn(few, 1, 1),
  ];
  expect(difference(F, G)).toBeLessThan(0.03);
  expect(difference(one, one.transpose())).toBeLessThan(1e-6);
  expect(difference(one, G)).toBeGreaterThan(0.05);
  expect(difference(await drawn(few, 1, 2), one)).toBeGreaterThan(0.01);
});

test('labels are drawn as softmax says', () => {
  const logits = tf.tile(tf.log(tf.tensor2d([[0.5, 0.3, 0.2]])), [4000, 1]) as tf.Tensor2D;
  const labels = [...drawLabels(logits, key(0)).dataSync()];
  const shares = [0, 1, 2].map((label) => labels.filter((each) => each === label).length / 4000);
  expect(distance(shares, [0.5, 0.3, 0.2])).toBeLessThan(0.03);
  expect(() => drawLabels(tf.ones([3]) as never, key(0))).toThrow(
    'The logits of drawLabels must have the shape [examples',
  );
});

test('parts that are none, outputs that are no tensor and options that do nothing are refused; nothing is left', async () => {
  const [batches, w] = [classification([2]), regressionWeights()];
  const before = tf.memory().numTensors;
  expect(() => gaussNewton(wholeOf(regression) as never, w, batches)).toThrow(
    'The loss of gaussNewton, in two parts { outputs, loss }, must be a record, got a function.',
  );
  expect(() => fisher(regression, w, batches, { samples: 3 })).toThrow(
    'fisher draws labels by samples and key where draw',
  );
  const two = { ...regression, outputs: (at: tf.Tensor) => ({ at }) as never };
  await expect(gaussNewton(two, w, batches).multiply(w)).rejects.toThrow(
    'What outputs gives to gaussNewton must be one float32 tensor, or [tensor, aux], got',
  );
  const scalar = { outputs: (at: tf.Tensor) => tf.sum(at), loss: (f: tf.Tensor) => tf.square(f) };
  await expect(fisher(scalar, w, batches).multiply(w)).rejects.toThrow(
    'The outputs of fisher must be a tensor of [examples',
  );
  const wrong = { ...regression, loss: (f: tf.Tensor) => tf.mean(tf.div(f, 0)) };
  await expect(fisher(wrong, w, batches).multiply(w)).rejects.toThrow('The Fisher product of batch 1 is not finite');
  tf.dispose(await fisher(regression, w, batches, { draw }).multiply(w));
  tf.dispose(await gaussNewton(regression, w, batches).multiply(w));
  expect(tf.memory().numTensors).toBe(before);
});
