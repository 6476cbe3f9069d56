import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { clone, dispose, leaves, map, replace } from '../src/index.ts';
import { build, numbers, sketches } from './support/trees.ts';

const count = () => tf.memory().numTensors;

describe('replace', () => {
  test('does not grow the number of tensors over 100 turns, whatever is made on the way', () => {
    let carry = { w: tf.tensor1d([1, 2]), moments: [tf.zeros([2])], steps: 0 };
    const before = count();
    for (let i = 0; i < 100; i++)
      carry = replace(carry, ({ w, moments: [m], steps }) => {
        const gradient = tf.mul(tf.square(w), 0.001);
        const next = tf.add(tf.mul(m ?? 0, 0.9), gradient) as tf.Tensor1D;
        return { w: tf.sub(w, next), moments: [next], steps: steps + 1 };
      });
    expect(count()).toBe(before);
    expect(carry.steps).toBe(100);
    dispose(carry);
    expect(count()).toBe(before - 2);
  });

  property.prop([sketches(fc.float({ noNaN: true }))])(
    'frees the old tree and nothing else, also where f passes some of it on, twice, or all of it',
    (sketch) => {
      const before = count();
      const previous = build(sketch);
      const next = replace(previous, (tree) =>
        map(tree, (leaf, path) => (path.length % 2 === 0 ? leaf : tf.neg(leaf))),
      );
      expect(leaves(previous).every(({ leaf }) => leaf.isDisposed)).toBe(true);
      const same = replace([next, next], (both) => both);
      expect(leaves(same).map(({ leaf }) => leaf.size)).toEqual(
        [...numbers(sketch), ...numbers(sketch)].map((row) => row.length),
      );
      dispose(same);
      expect(count()).toBe(before);
    },
  );

  test('leaves a tensor alone that the tree never held, and the clone that a loop starts from', () => {
    const [start, batch] = [{ w: tf.scalar(1) }, tf.scalar(2)];
    const next = replace(clone(start), ({ w }) => ({ w: tf.mul<tf.Scalar>(w, batch) }));
    const passed = replace(next, () => ({ w: batch }));
    dispose(passed);
    expect([start.w.arraySync(), batch.arraySync()]).toEqual([1, 2]);
  });

  test('keeps the old tree, and nothing new, when the function throws', () => {
    const carry = { w: tf.scalar(3) };
    const before = count();
    expect(() =>
      replace(carry, ({ w }) => {
        tf.square(w);
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(count()).toBe(before);
    expect(carry.w.arraySync()).toBe(3);
  });

  test('gives back the type of what it got', () => {
    const result = replace({ a: tf.scalar(1), n: 3 }, ({ a, n }) => ({ a, n: n + 1 }));
    expectTypeOf(result).toEqualTypeOf<{ a: tf.Scalar; n: number }>();
    // @ts-expect-error a promise is no tree: its tensors would be freed before it resolves
    expect(() => replace(tf.scalar(1), async (x) => x)).toThrow('holds a promise, as async functions give it: .');
    // @ts-expect-error a turn gives back the structure that it got, or the next turn could not begin
    replace({ a: tf.scalar(1) }, ({ a }) => ({ b: a }));
  });
});
