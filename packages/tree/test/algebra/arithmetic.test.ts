import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  asScalar,
  cosine,
  decayed,
  dispose,
  fillLike,
  minus,
  plus,
  ratio,
  type Tree,
  times,
  unit,
} from '../../src/index.ts';

const tree = (x: number, y: number) => ({ kernel: tf.tensor1d([x, y]), layers: [tf.scalar(x)] as const });
const read = (result: ReturnType<typeof tree>): readonly number[] => [
  ...result.kernel.dataSync(),
  result.layers[0].arraySync(),
];

describe('arithmetic of trees', () => {
  test('goes leaf by leaf', () => {
    const [a, b] = [tree(4, 8), tree(1, -2)];
    expect(read(plus(a, b))).toEqual([5, 6, 5]);
    expect(read(minus(a, b))).toEqual([3, 10, 3]);
    expect(read(times(a, b))).toEqual([4, -16, 4]);
    expect(read(decayed(a, b, 0.75))).toEqual([3.25, 5.5, 3.25]);
  });

  test.each([plus, minus, times, cosine, (a: Tree, b: Tree) => decayed(a, b, 0.5)])(
    'names the leaf that has no partner',
    (combine) => {
      expect(() => combine(tree(1, 2), { kernel: tf.tensor1d([1, 2]), layers: [] })).toThrow(
        'Trees differ: nothing at ".layers[0]" to pair with.',
      );
    },
  );

  test('leaves nothing but its result, and frees nothing', () => {
    const [a, b] = [tree(4, 8), tree(1, -2)];
    const before = tf.memory().numTensors;
    for (const result of [plus(a, b), minus(a, b), times(a, b), decayed(a, b, 0.5), unit(a)]) dispose(result);
    cosine(a, b).dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(read(a)).toEqual([4, 8, 4]);
  });

  test('a zero tree has no direction: its unit is zero, its cosine with any other 0', () => {
    expect(read(unit(tree(0, 0)))).toEqual([0, 0, 0]);
    expect(cosine(tree(0, 0), tree(1, 2)).arraySync()).toBe(0);
  });

  test('cosine is 1 along a tree, -1 against it, 0 across', () => {
    expect(cosine(tree(3e30, 1e30), tree(3, 1)).arraySync()).toBeCloseTo(1, 5);
    expect(cosine(tree(3, 1), tree(-3, -1)).arraySync()).toBeCloseTo(-1, 5);
    expect(cosine({ w: tf.tensor1d([1, 0]) }, { w: tf.tensor1d([0, 5]) }).arraySync()).toBe(0);
  });
});

describe('fillLike', () => {
  test('numbers the leaves in order and keeps what is no tensor', () => {
    const filled = fillLike({ a: tf.zeros([2]), n: 3, b: [tf.zeros([1, 2])] }, (shape, i) => tf.fill(shape, i));
    expect([[...filled.a.dataSync()], filled.n, filled.b[0]?.arraySync()]).toEqual([[0, 0], 3, [[1, 1]]]);
  });

  test('refuses a tensor of another shape by the path of the leaf', () => {
    expect(() => fillLike({ a: tf.zeros([2]) }, () => tf.zeros([3]))).toThrow(
      '".a" has shape [2], it cannot be filled with a tensor of [3].',
    );
  });
});

test('asScalar refuses what has axes, and nothing', () => {
  expect(asScalar(tf.add(1, 2)).arraySync()).toBe(3);
  expect(() => asScalar(tf.ones([1]))).toThrow('A scalar has no axes, got shape [1].');
  expect(() => asScalar(undefined)).toThrow('A scalar has no axes, got nothing.');
});

test('ratio is 0 where the divisor is', () => {
  expect([ratio(tf.scalar(6), tf.scalar(4)), ratio(tf.scalar(6), tf.scalar(0))].map((x) => x.arraySync())).toEqual([
    1.5, 0,
  ]);
});
