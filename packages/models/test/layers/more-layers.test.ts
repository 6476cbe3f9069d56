import { fc, test as property } from '@fast-check/vitest';
import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  activate,
  attention,
  conv,
  dense,
  depthwiseConv,
  dropPath,
  groupNorm,
  initAttention,
  initDense,
  initDepthwiseConv,
  initLayerNorm,
  initPatchEmbedding,
  initSqueezeExcite,
  layerNorm,
  patchEmbedding,
  squeezeExcite,
  xavierUniform,
} from '../../src/index.ts';

const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number;
const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => normal<R>(key(seed), shape);

describe('dense', () => {
  test('maps each of any number of axes before the last alike', () => {
    const params = { ...initDense(key(0), 3, 4), bias: tf.tensor1d([1, 2, 3, 4]) };
    const x = draw<tf.Rank.R4>(1, [2, 2, 5, 3]);
    const rows = dense(params, tf.reshape(x, [20, 3]));
    const y = dense(params, x);
    expect(y.shape).toEqual([2, 2, 5, 4]);
    expect(y.dataSync()).toEqual(rows.dataSync());
  });

  test('keeps the variance with a kernel of xavierUniform', () => {
    const { kernel } = initDense(key(1), 300, 200, xavierUniform);
    expect(tf.max(tf.abs(kernel)).arraySync()).toBeLessThanOrEqual(Math.fround(Math.sqrt(6 / 500)));
    expect(tf.moments(kernel).variance.arraySync()).toBeCloseTo(2 / 500, 4);
  });
});

describe('depthwiseConv', () => {
  test.each(['symmetric', 'same'] as const)('is a convolution of each channel by itself, padding %s', (padding) => {
    const x = draw<tf.Rank.R4>(2, [2, 8, 6, 3]);
    const params = initDepthwiseConv(key(3), 5, 3);
    const each = [0, 1, 2].map((c) => {
      const kernel = tf.slice(params.kernel, [0, 0, c, 0], [5, 5, 1, 1]);
      return conv({ kernel }, tf.slice(x, [0, 0, 0, c], [2, 8, 6, 1]), 2, padding);
    });
    expect(largest(depthwiseConv(params, x, 2, padding), tf.concat(each, 3))).toBeLessThan(1e-5);
  });

  test('pads a stride of 2 on both sides, or as TensorFlow does on one', () => {
    const row = tf.tensor4d([1, 2, 3, 4], [1, 1, 4, 1]);
    const ones = { kernel: tf.ones<tf.Rank.R4>([3, 3, 1, 1]) };
    expect([...depthwiseConv(ones, row, 2).dataSync()]).toEqual([3, 9]);
    expect([...depthwiseConv(ones, row, 2, 'same').dataSync()]).toEqual([6, 7]);
  });
});

const entry = fc.double({ min: -10, max: 10, noNaN: true });

describe('layerNorm', () => {
  property.prop([fc.array(fc.tuple(entry, entry, entry), { minLength: 1, maxLength: 5 }), entry, entry], {
    numRuns: 30,
  })('is the closed form over each row, whatever the others are', (rows, scale, bias) => {
    const params = { scale: tf.fill<tf.Rank.R1>([3], scale), bias: tf.fill<tf.Rank.R1>([3], bias) };
    const y = layerNorm(params, tf.tensor3d([rows]), { epsilon: 1e-3 }).arraySync()[0] ?? [];
    for (const [r, row] of rows.entries()) {
      const mean = row.reduce((a, b) => a + b) / 3;
      const variance = row.reduce((s, v) => s + (v - mean) ** 2, 0) / 3;
      for (const [c, v] of row.entries())
        expect(y[r]?.[c]).toBeCloseTo(((v - mean) / Math.sqrt(variance + 1e-3)) * scale + bias, 2);
    }
  });
});

describe('groupNorm', () => {
  const x = draw<tf.Rank.R4>(4, [2, 3, 4, 6]);
  const params = { scale: draw<tf.Rank.R1>(5, [6]), bias: draw<tf.Rank.R1>(6, [6]) };

  test('normalizes each group of channels of each image over its pixels', () => {
    const parts = [0, 1].flatMap((n) =>
      [0, 1, 2].map((g) => {
        const part = tf.slice(x, [n, 0, 0, 2 * g], [1, 3, 4, 2]);
        const { mean, variance } = tf.moments(part);
        return tf.div(tf.sub(part, mean), tf.sqrt(tf.add(variance, 1e-5)));
      }),
    );
    const normed = tf.concat([tf.concat(parts.slice(0, 3), 3), tf.concat(parts.slice(3), 3)], 0);
    expect(largest(groupNorm(params, x, 3), tf.add(tf.mul(normed, params.scale), params.bias))).toBeLessThan(1e-5);
  });

  test('of one group is a normalization of the whole image; groups that do not divide the channels are refused', () => {
    const whole = tf.reshape(layerNorm(initLayerNorm(72), tf.reshape(x, [2, 72]), { epsilon: 1e-5 }), x.shape);
    expect(largest(groupNorm(initLayerNorm(6), x, 1), whole)).toBeLessThan(1e-5);
    expect(() => groupNorm(params, x, 4)).toThrow('groups must divide the 6 channels, got 4.');
  });
});

test('squeezeExcite weighs the channels of an image by what is in all of it', () => {
  const x = draw<tf.Rank.R4>(7, [2, 3, 3, 4]);
  const params = initSqueezeExcite(key(8), 4, 2);
  const inner = tf.relu(dense(params.reduce, tf.mean<tf.Tensor2D>(x, [1, 2])));
  const gates = tf.sigmoid(dense(params.expand, inner));
  expect(largest(squeezeExcite(params, x), tf.mul(x, tf.reshape(gates, [2, 1, 1, 4])))).toBe(0);
});

describe('attention', () => {
  test('is softmax(q·kᵀ / √d)·v of each head, in float64 loops', () => {
    const [batch, tokens, features, heads] = [2, 3, 4, 2];
    const params = initAttention(key(9), features);
    const x = draw<tf.Rank.R3>(10, [batch, tokens, features]);
    const [w, u] = [params.qkv.kernel.arraySync(), params.out.kernel.arraySync()];
    const each = features / heads;
    const expected = x.arraySync().map((rows) => {
      const project = (offset: number) =>
        rows.map((row) =>
          Array.from({ length: features }, (_, f) =>
            row.reduce((s, v, i) => s + v * (w[i]?.[offset * features + f] ?? 0), 0),
          ),
        );
      const [q, k, v] = [project(0), project(1), project(2)];
      const mixed = q.map((query) =>
        Array.from({ length: features }, (_, f) => {
          const from = Math.floor(f / each) * each;
          const scores = k.map((at) => {
            let dot = 0;
            for (let i = from; i < from + each; i++) dot += (query[i] ?? 0) * (at[i] ?? 0);
            return Math.exp(dot / Math.sqrt(each));
          });
          const total = scores.reduce((a, b) => a + b);
          return v.reduce((s, value, t) => s + ((scores[t] ?? 0) / total) * (value[f] ?? 0), 0);
        }),
      );
      return mixed.map((row) =>
        Array.from({ length: features }, (_, f) => row.reduce((s, value, i) => s + value * (u[i]?.[f] ?? 0), 0)),
      );
    });
    expect(largest(attention(params, x, heads), tf.tensor3d(expected))).toBeLessThan(1e-5);
    expect(() => attention(params, x, 3)).toThrow('heads must divide the 4 features, got 3.');
  });
});

test('patchEmbedding maps each patch as a dense layer would, row by row, and refuses patches that are not whole', () => {
  const params = { ...initPatchEmbedding(key(11), 2, 3, 5), bias: tf.tensor1d([1, 2, 3, 4, 5]) };
  const x = draw<tf.Rank.R4>(12, [1, 4, 6, 3]);
  const kernel = tf.reshape<tf.Rank.R2>(params.kernel, [12, 5]);
  const patch = (row: number, column: number) => tf.reshape(tf.slice(x, [0, row, column, 0], [1, 2, 2, 3]), [1, 12]);
  const patches = [0, 2].flatMap((row) => [0, 2, 4].map((column) => patch(row, column)));
  const expected = dense({ kernel, bias: params.bias }, tf.concat(patches, 0));
  expect(largest(patchEmbedding(params, x), tf.reshape(expected, [1, 6, 5]))).toBeLessThan(1e-5);
  expect(() => patchEmbedding(params, draw<tf.Rank.R4>(12, [1, 4, 5, 3]))).toThrow(
    'got 4×5: resize them, or take another patch.',
  );
});

test('dropPath leaves out whole examples, as many as the rate says, and keeps the mean', () => {
  const y = dropPath(key(13), 0.3, tf.ones<tf.Rank.R3>([4000, 2, 2])).arraySync();
  for (const example of y) expect(new Set(example.flat()).size).toBe(1);
  const left = y.filter((example) => example[0]?.[0] === 0).length;
  expect(Math.abs(left / 4000 - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 4000));
  expect(y.find((example) => example[0]?.[0] !== 0)?.[0]?.[0]).toBeCloseTo(1 / 0.7, 6);
  expect(() => dropPath(key(0), 1, tf.ones([2]))).toThrow('The rate of dropPath must be in [0, 1), got 1.');
});

test('the nonlinearities have the values that PyTorch prints for them', () => {
  const x = tf.tensor1d([-8, -1.5, -0.1, 0, 0.5, 3, 7]);
  // torch.nn.functional of torch 2.15: gelu(x), gelu(x, approximate='tanh'), silu(x), relu6(x).
  const expected = {
    gelu: [-5.9508e-14, -0.10021081, -0.04601722, 0, 0.34573123, 2.9959502, 7],
    geluTanh: [0, -0.10042936, -0.04601706, 0, 0.345714, 2.9963627, 7],
    silu: [-2.682803e-3, -0.27363845, -0.047502082, 0, 0.31122968, 2.8577225, 6.993623],
    relu6: [0, 0, 0, 0, 0.5, 3, 6],
  } as const;
  for (const [name, values] of Object.entries(expected) as [keyof typeof expected, readonly number[]][])
    expect(largest(activate(name, x), tf.tensor1d([...values]))).toBeLessThan(2e-6);
});
