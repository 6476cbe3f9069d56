import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { clone, dispose, leaves, pure, type Tree, zerosLike } from '../src/index.ts';
import { build, numbers, sketches } from './support/trees.ts';

const trees = sketches(fc.float({ noNaN: true }));
const count = () => tf.memory().numTensors;

describe('zerosLike', () => {
  property.prop([trees])('has the structure and shapes of its argument, and zeros', (sketch) => {
    const zeros = zerosLike(build(sketch));
    expect(leaves(zeros).map(({ leaf }) => leaf.arraySync())).toEqual(numbers(sketch).map((row) => row.map(() => 0)));
  });

  test('keeps types and plain data', () => {
    const tree = { count: tf.scalar(3, 'int32'), key: [1, 2], none: null };
    const zeros = zerosLike(tree);
    expect(zeros.count.dtype).toBe('int32');
    expect(zeros).toMatchObject({ key: [1, 2], none: null });
    expectTypeOf(zeros).toEqualTypeOf(tree);
  });
});

describe('clone and dispose', () => {
  property.prop([trees])('a copy outlives the original, and freeing both leaves nothing', (sketch) => {
    const before = count();
    const tree = build(sketch);
    const copy = clone(tree);
    dispose(tree);
    expect(leaves(copy).map(({ leaf }) => leaf.arraySync())).toEqual(
      numbers(sketch).map((row) => row.map(Math.fround)),
    );
    dispose(copy);
    expect(count()).toBe(before);
  });

  test('freeing twice, or a tensor that stands twice, is no error', () => {
    const before = count();
    const w = tf.scalar(1);
    dispose({ w, again: [w] }, w);
    dispose(w);
    expect(count()).toBe(before);
  });
});

describe('pure', () => {
  test('leaves the results alone and nothing that was made on the way', () => {
    const w = tf.tensor1d([1, 2]);
    const before = count();
    const result = pure(() => ({ sum: tf.sum(tf.square(tf.add(w, 1))), rest: [tf.neg(w), 'plain'] }));
    expect(count() - before).toBe(2);
    expect(result.sum.arraySync()).toBe(13);
    expect(result.rest[1]).toBe('plain');
  });

  property.prop([trees])(
    'gives an input that comes back as a copy, so that results and inputs are freed independently',
    (sketch) => {
      const before = count();
      const input = build(sketch);
      const result = pure(() => [input, { again: input }]);
      const ids = leaves([input, result] as Tree).map(({ leaf }) => leaf.id);
      expect(new Set(ids).size).toBe(ids.length);
      dispose(input);
      for (const { leaf } of leaves(result)) leaf.dispose();
      expect(count()).toBe(before);
    },
  );

  test('gives a result that stands twice as two tensors', () => {
    const before = count();
    const [a, b] = pure(() => {
      const x = tf.scalar(5);
      return [x, x] as const;
    });
    a.dispose();
    expect(b.arraySync()).toBe(5);
    b.dispose();
    expect(count()).toBe(before);
  });

  test('leaves nothing when the function throws, and throws on', () => {
    const w = tf.scalar(1);
    const before = count();
    expect(() =>
      pure(() => {
        tf.add(w, 1);
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(count()).toBe(before);
    expect(w.arraySync()).toBe(1);
  });

  test('nests, and does not grow over many steps', () => {
    let state = { m: tf.zeros([3]), steps: 0 };
    const before = count();
    for (let i = 0; i < 100; i++) {
      const next = pure(() => {
        const inner = pure(() => ({ ...state, m: tf.add(state.m, tf.ones([3])) }));
        return { ...inner, steps: state.steps + 1 };
      });
      dispose(state);
      state = next;
    }
    expect(count()).toBe(before);
    expect(state.steps).toBe(100);
    expect(state.m.arraySync()).toEqual([100, 100, 100]);
  });

  test('works under the gradient tape: what it frees is still there for the gradient', () => {
    const w = tf.tensor1d([1, 2, 3]);
    const before = count();
    const gradient = tf.grad((x) =>
      pure(() =>
        tf.sum(
          tf.square(
            tf.mul(
              pure(() => x),
              2,
            ),
          ),
        ),
      ),
    )(w);
    expect(gradient.arraySync()).toEqual([8, 16, 24]);
    expect(count() - before).toBe(1);
  });

  test('keeps the type of the result', () => {
    const result = pure(() => ({ a: tf.scalar(1), n: 3 }));
    expectTypeOf(result).toEqualTypeOf<{ a: tf.Scalar; n: number }>();
    // @ts-expect-error a promise is no tree: its tensors would be freed before it resolves
    expect(() => pure(async () => tf.scalar(1))).toThrow('this one holds a promise, as async functions give it: .');
  });
});
