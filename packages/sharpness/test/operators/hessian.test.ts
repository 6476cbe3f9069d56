import { key, normals } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { hessian, lambdaMax, preconditioned, trace } from '../../src/index.ts';
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
import { distance, matrixOf } from '../support/matrices.ts';

const halfSquares = (w: tf.Tensor1D, x: tf.Tensor2D) => tf.mean(tf.mul(0.5, tf.square(tf.dot(x, w))));

test('the Hessian of linear regression is XᵀX/n, whatever the batches that the examples come in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.nat(99),
      async (sizes, seed) => {
        const n = sizes.reduce((sum, size) => sum + size, 0);
        const X = Matrix.from1DArray(n, 3, normals(key(seed), 3 * n));
        const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
        const rows = X.to2DArray();
        const batches = function* () {
          for (const [i, end] of ends.entries()) yield tf.tensor2d(rows.slice(end - (sizes[i] as number), end));
        };
        const H = await matrixOf(hessian(halfSquares, tf.tensor1d([1, 2, 3]), batches));
        expect(distance(H.to1DArray(), X.transpose().mmul(X).div(n).to1DArray())).toBeLessThan(1e-5);
      },
    ),
    { numRuns: 10 },
  );
});

test('the trace of softmax regression’s Hessian is mean ‖x‖²(1 - ‖p‖²)', async () => {
  const batches = classification([5, 2, 9]);
  const w = regressionWeights();
  const { x } = asOne(batches);
  const p = tf.softmax(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
  const closed = tf.mean(tf.mul(tf.sum(tf.square(x), 1), tf.sub(1, tf.sum(tf.square(p), 1)))).arraySync();
  const { value, standardError } = await trace(hessian(wholeOf(regression), w, batches), { sketch: 6, samples: 2 });
  expect(value).toBeCloseTo(closed as number, 5);
  expect(standardError).toBeLessThan(1e-5);
});

test('over the leaves that are chosen it is their block of the whole', async () => {
  const [batches, params] = [classification([4, 3]), networkWeights()];
  const whole = await matrixOf(hessian(wholeOf(network), params, batches));
  const block = await matrixOf(
    hessian(wholeOf(network), params, batches, { wanted: (path) => path.startsWith('.second') }),
  );
  expect(distance(block.to1DArray(), whole.subMatrix(6, 17, 6, 17).to1DArray())).toBeLessThan(1e-6);
});

test('rescaled by |w| it does not change when one layer is scaled by c and the next by 1/c, unlike itself', async () => {
  const x = [
    tf.tensor2d([
      [1, 0.5],
      [-1, 2],
      [0.3, -0.7],
    ]),
  ];
  type Layers = { readonly u: tf.Tensor; readonly v: tf.Tensor };
  const loss = ({ u, v }: Layers, batch: tf.Tensor) =>
    tf.mean(
      tf.square(tf.sub(tf.matMul(tf.relu(tf.matMul(batch as tf.Tensor2D, u as tf.Tensor2D)), v as tf.Tensor2D), 1)),
    );
  const at = async (c: number) => {
    const params: Layers = {
      u: tf.tensor2d([
        [c, -0.5 * c],
        [0.2 * c, c],
      ]),
      v: tf.tensor2d([[0.7 / c], [1.1 / c]]),
    };
    const H = hessian(loss, params, x);
    const scale = { u: tf.abs(params.u), v: tf.abs(params.v) };
    const [plain, adaptive] = [
      await lambdaMax(H, { tolerance: 1e-6 }),
      await lambdaMax(preconditioned(H, scale), { tolerance: 1e-6 }),
    ];
    return { plain: plain.value, adaptive: adaptive.value };
  };
  const [one, three] = [await at(1), await at(3)];
  expect(three.adaptive).toBeCloseTo(one.adaptive, 4);
  expect(Math.abs(three.plain / one.plain - 1)).toBeGreaterThan(0.5);
  const w = regressionWeights();
  expect(() => preconditioned(hessian(wholeOf(regression), w, []), tf.ones([3, 2]))).toThrow(
    'scale has shape [3,2] at "."',
  );
});

test('of ½(uv - c)² at a minimum, λ_max and the trace are u² + v²', async () => {
  const loss = ([u, v]: readonly [tf.Tensor, tf.Tensor], _: null) => tf.mul(0.5, tf.square(tf.sub(tf.mul(u, v), 3)));
  const H = hessian(loss, [tf.scalar(1.5), tf.scalar(2)] as const, [null]);
  const [top, sum] = [await lambdaMax(H), await trace(H, { sketch: 2, samples: 2 })];
  expect(top.value).toBeCloseTo(1.5 ** 2 + 2 ** 2, 5);
  expect(sum.value).toBeCloseTo(1.5 ** 2 + 2 ** 2, 5);
});

test('a product takes the memory of one batch, however many there are, and leaves nothing', async () => {
  const params = networkWeights();
  const peakOf = async (count: number) => {
    const peaks: number[] = [];
    const batches = function* () {
      for (let i = 0; i < count; i++) yield classification([3], i)[0] as Batch;
    };
    const H = hessian(wholeOf(network), params, batches, { onProgress: () => peaks.push(tf.memory().numTensors) });
    const before = tf.memory();
    const product = await H.multiply(params);
    dispose(product);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    return Math.max(...peaks) - before.numTensors;
  };
  expect(await peakOf(20)).toBe(await peakOf(2));
});

test('an operation without a second derivative is refused by name, and a product that is none with its batch', async () => {
  const normalized = (w: tf.Tensor4D, x: tf.Tensor) =>
    tf.mean(tf.localResponseNormalization(tf.mul(w, x)) as tf.Tensor);
  const w = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
  const before = tf.memory().numTensors;
  await expect(hessian(normalized, w, () => [tf.ones([1, 1, 1, 1])]).multiply(w)).rejects.toThrow(/LRN/);
  expect(tf.memory().numTensors).toBe(before);
  const batches = [
    tf.tensor2d([[1, 2, 3]]),
    tf.tensor2d([
      [1, 1, 1],
      [0, 1, 1],
    ]),
    tf.tensor2d([[1, Number.NaN, 3]]),
  ];
  const v = tf.tensor1d([1, 0, 0]);
  const broken = hessian(halfSquares, v, batches);
  await expect(broken.multiply(v)).rejects.toThrow(
    'The loss or Hessian product of batch 3 is not finite, it sums to NaN: look',
  );
  await expect(lambdaMax(broken)).rejects.toThrow('batch 3');
});

test('a loss that is no number is refused, also where its second derivative is one', async () => {
  const w = tf.tensor1d([1, 2]);
  const lost = (at: tf.Tensor, x: tf.Tensor) => tf.add(tf.sum(tf.mul(tf.square(at), tf.mean(x))), Number.NaN);
  const x = [tf.tensor1d([1])];
  const before = tf.memory().numTensors;
  await expect(hessian(lost, w, x).multiply(w)).rejects.toThrow('The loss or Hessian product of batch 1 is not finite');
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([w, x]);
});

test('batches that are none, trees that do not match and options that do not exist are refused', async () => {
  const w = tf.tensor1d([1, 0, 0]);
  const x = [tf.tensor2d([[1, 2, 3]])];
  await expect(hessian(halfSquares, w, []).multiply(w)).rejects.toThrow(
    'hessian got no batches: it needs at least one.',
  );
  await expect(hessian(halfSquares, w, x).multiply(tf.tensor1d([1]))).rejects.toThrow('v has shape [1] at "."');
  expect(() => hessian(halfSquares, w, x, { wnted: () => true } as never)).toThrow(
    'hessian has no option "wnted": did you mean "wanted"?',
  );
  expect(() => hessian('loss' as never, w, x)).toThrow('loss must be a function, got "loss".');
  const controller = new AbortController();
  const stopped = hessian(halfSquares, w, [...x, ...x], {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(stopped.multiply(w)).rejects.toThrow(/abort/);
});
