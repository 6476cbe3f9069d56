import { useBackend } from '@steppe/backends';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hvp, valueAndGrad } from '../src/index.ts';

type Op = (x: tf.Tensor) => tf.Tensor;

/** The gradient of ⟨c, op(x)⟩, as numbers; c is 1 unless it is given. */
const slope = (op: Op, x: tf.Tensor, c: tf.Tensor | number = 1): number[] =>
  tf.tidy(() => [...valueAndGrad((w: tf.Tensor, _: null) => tf.sum(tf.mul(op(w), c)))(x, null).grads.dataSync()]);

const wave = (shape: number[], phase: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(1 + 1.7 * i + phase)),
    shape,
  );

/** For an operation that is linear, ⟨c, op(v)⟩ = ⟨∇⟨c, op⟩, v⟩, whatever v; and ⟨∇²(½‖op‖²)·v, x⟩ = ⟨op(v), op(x)⟩. */
function expectAdjoint(op: Op, shape: number[]): void {
  tf.tidy(() => {
    const [x, v] = [wave(shape, 0), wave(shape, 2)];
    const y = op(v);
    const c = wave(y.shape, 4);
    const product = (a: tf.Tensor, b: tf.Tensor): number => tf.sum(tf.mul(a, b)).dataSync()[0] as number;
    const { grads } = valueAndGrad((w: tf.Tensor, _: null) => tf.sum(tf.mul(op(w), c)))(x, null);
    expect(product(grads, v)).toBeCloseTo(product(c, y), 3);
    const half = (w: tf.Tensor, _: null) => tf.mul(tf.sum(tf.square(op(w))), 0.5);
    const second = hvp(half)(x, null, v);
    expect(product(second, x)).toBeCloseTo(product(y, op(x)), 3);
  });
}

describe.each(['cpu', 'wasm', 'native'] as const)('what was reported is right on %s:', (backend) => {
  beforeAll(async () => void (await useBackend(backend)));

  test('nearest neighbours of a batch of two', () => {
    const c = tf.concat([tf.ones([1, 4, 4, 1]), tf.fill([1, 4, 4, 1], 10)]);
    const up: Op = (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [4, 4]);
    const x = tf.ones([2, 2, 2, 1]);
    expect(slope(up, x, c)).toEqual([4, 4, 4, 4, 40, 40, 40, 40]);
    dispose(c, x);
  });

  test.each([
    [[2, 3, 5, 2], [5, 4], false, false],
    [[2, 3, 5, 2], [7, 2], true, false],
    [[1, 2, 4, 1], [3, 7], false, true],
    [[1, 1, 4, 1], [3, 1], true, false],
    [[1, 4, 1, 1], [1, 3], true, false],
  ] as const)('resizing of %j to %j, corners %s, centers %s', (shape, size, corners, centers) => {
    for (const resize of [tf.image.resizeNearestNeighbor, tf.image.resizeBilinear])
      expectAdjoint((x) => resize(x as tf.Tensor4D, [...size], corners, centers), [...shape]);
  });

  test('convolutions and pools whose windows reach out where the rounding says so', () => {
    const filter = tf.ones([2, 2, 1, 1]) as tf.Tensor4D;
    const x = tf.ones([1, 3, 3, 1]);
    expect(slope((w) => tf.conv2d(w as tf.Tensor4D, filter, 2, 0, 'NHWC', 1, 'ceil'), x)).toEqual(new Array(9).fill(1));
    expect(
      slope((w) => tf.maxPool(w as tf.Tensor4D, 2, 2, 0, 'ceil'), wave([1, 3, 3, 1], 0)).reduce((a, b) => a + b),
    ).toBe(4);
    expectAdjoint((w) => tf.avgPool(w as tf.Tensor4D, 2, 2, 0, 'ceil'), [2, 3, 5, 2]);
    expectAdjoint((w) => tf.avgPool3d(w as tf.Tensor5D, 3, 2, 'same'), [1, 4, 3, 4, 2]);
    // Of each axis's own filter and stride.
    const wide = wave([2, 3, 2, 2], 1) as tf.Tensor4D;
    expectAdjoint((w) => tf.conv2d(w as tf.Tensor4D, wide, [2, 1], 1), [2, 4, 5, 2]);
    const [, down = 0, across = 0] = tf.tidy(
      () => tf.conv2d(tf.ones<tf.Rank.R4>([1, 7, 6, 2]), wide, [2, 1], 1, 'NHWC', 1, 'ceil').shape,
    );
    const back: Op = (w) => tf.conv2dTranspose(w as tf.Tensor4D, wide, [2, 7, 6, 2], [2, 1], 1, 'ceil');
    expectAdjoint(back, [2, down, across, 2]);
    dispose(filter, x, wide);
  });

  test('convolutions with holes', () => {
    const filter = wave([2, 3, 2, 2], 1) as tf.Tensor4D;
    expectAdjoint((w) => tf.conv2d(w as tf.Tensor4D, filter, 1, 'same', 'NHWC', 2), [2, 5, 6, 2]);
    expectAdjoint((w) => tf.depthwiseConv2d(w as tf.Tensor4D, filter, 1, 'same', 'NHWC', 2), [1, 5, 6, 2]);
    const images = wave([1, 5, 6, 2], 0) as tf.Tensor4D;
    expectAdjoint((w) => tf.conv2d(images, w as tf.Tensor4D, 1, 'valid', 'NHWC', 2), [2, 3, 2, 2]);
    // As depthwise layers of tfjs call it, which have none.
    const none: unknown = null;
    expectAdjoint(
      (w) => tf.depthwiseConv2d(w as tf.Tensor4D, filter, 1, 'valid', 'NHWC', none as undefined),
      [1, 5, 6, 2],
    );
    dispose(filter, images);
  });

  test('labels picked by gather, on every axis', () => {
    const labels = tf.tensor1d([2, 0], 'int32');
    const x = wave([2, 3], 0);
    expect(slope((w) => tf.gather(w, labels, 1, 1), x)).toEqual([0, 0, 1, 1, 0, 0]);
    expectAdjoint((w) => tf.gather(w, labels, -1), [2, 3]);
    expectAdjoint(
      (w) =>
        tf.gather(
          w,
          tf.tensor2d(
            [
              [1, 1],
              [0, 2],
            ],
            [2, 2],
            'int32',
          ),
          2,
          1,
        ),
      [2, 2, 3],
    );
    dispose(labels, x);
  });

  test('slices, spaces, sums, indices', () => {
    expectAdjoint((x) => tf.stridedSlice(x, [3, 0], [-5, 4], [-2, 3]), [4, 5]);
    expectAdjoint((x) => tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'), [2, 2, 3, 8]);
    expectAdjoint((x) => tf.reverse(x, -1), [2, 3, 2]);
    expectAdjoint((x) => tf.cumsum(x, 0, true), [4, 2]);
    expectAdjoint((x) => tf.scatterND(tf.tensor2d([[1], [1], [3]], [3, 1], 'int32'), x, [4, 2]), [3, 2]);
    expectAdjoint(
      (x) =>
        tf.gatherND(
          x,
          tf.tensor2d(
            [
              [1, 0],
              [1, 0],
            ],
            [2, 2],
            'int32',
          ),
        ),
      [2, 2, 3],
    );
    const other = wave([2, 3, 4], 1);
    expectAdjoint((x) => tf.einsum('bij,bkj->bik', x, other), [2, 2, 4]);
    dispose(other);
    const x = tf.tensor2d([
      [3, 1, 2],
      [4, 6, 5],
    ]);
    expect(
      slope(
        (w) => tf.topk(w, 2).values,
        x,
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toEqual([1, 0, 2, 0, 3, 4]);
    dispose(x);
  });

  test('products with zeros', () => {
    const x = tf.tensor1d([2, 0, 3]);
    expect(slope((w) => tf.cumprod(w, 0), x, tf.tensor1d([1, 10, 100]))).toEqual([1, 20 + 600, 0]);
    expect(slope((w) => tf.prod(w, -1), x)).toEqual([0, 6, 0]);
    const v = tf.tensor1d([1, 1, 1]);
    const product = hvp((w: tf.Tensor, _: null) => tf.prod<tf.Scalar>(w))(x, null, v);
    expect([...product.dataSync()]).toEqual([3, 5, 2]);
    dispose(x, v, product);
  });

  test('divNoNan, logSigmoid, a reversed gradient', () => {
    const w = tf.tensor1d([0.5, -1]);
    expect(slope((x) => tf.divNoNan(x, 0), w)).toEqual([0, 0]);
    const logarithm = slope((x) => tf.logSigmoid(tf.mul(x, 2)), w);
    for (const [i, x] of [0.5, -1].entries()) expect(logarithm[i]).toBeCloseTo(2 / (1 + Math.exp(2 * x)), 5);
    const scaled = tf.customGrad((x) => ({ value: x as tf.Tensor, gradFunc: (dy: tf.Tensor) => tf.mul(dy, 0.1) }));
    for (const found of slope((x) => scaled(x), w)) expect(found).toBeCloseTo(0.1, 6);
    dispose(w);
  });

  test('batch normalization without scale and offset, of large means', () => {
    const before = tf.memory().numTensors;
    const large = 17_000_000;
    const [x, mean, variance] = [tf.fill([2, 2], large), tf.tensor1d([large, large - 2]), tf.tensor1d([3, 1])];
    const normalized =
      (m: tf.Tensor1D): Op =>
      (w) =>
        tf.batchNorm(w as tf.Tensor2D, m, variance, undefined, undefined, 1);
    expect(slope(normalized(mean), x).map((g) => g.toFixed(4))).toEqual(['0.5000', '0.7071', '0.5000', '0.7071']);
    const byVariance = slope(
      (v) => tf.batchNorm(x as tf.Tensor2D, mean, v as tf.Tensor1D, undefined, undefined, 1),
      variance,
    );
    // Σ (x - mean)·(-½)(variance + 1)^-1.5
    expect(byVariance[0]).toBeCloseTo(0, 6);
    expect(byVariance[1]).toBeCloseTo((2 * 2 * -0.5) / 2 ** 1.5, 4);
    dispose(x, mean, variance);
    expect(tf.memory().numTensors).toBe(before);
  });
});
