import { TreeAddScaled, TreeNormalize, TreeScale } from '@steppe/kernels';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { leaves } from './fold.ts';
import { map, map2 } from './map.ts';
import { norm, sum } from './norm.ts';
import { pure } from './ownership.ts';
import type { Tree } from './tree.ts';
import { wholeTree } from './whole-tree.ts';

const tensorsOf = (tree: Tree): readonly Tensor[] => leaves(tree).map(({ leaf }) => leaf);

const scalarOf = (c: number | Scalar): Scalar => (typeof c === 'number' ? tf.scalar(c) : c);

/** The tree with other tensors in its places. */
function refilled<T extends Tree>(tree: T, tensors: readonly Tensor[]): T {
  let next = 0;
  return map(tree, () => tensors[next++] as Tensor);
}

/**
 * Multiplies a whole tree by a number: c·a.
 *
 * @param c - A number, or a scalar tensor, such as a learning rate that a schedule computed.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaled } from '@steppe/tree';
 *
 * console.log(scaled({ w: tf.tensor1d([1, 2]) }, 3).w.arraySync()); // => [ 3, 6 ]
 * ```
 */
export function scaled<T extends Tree>(a: T, c: number | Scalar): T {
  return pure(() => {
    const factor = scalarOf(c);
    const whole = wholeTree(TreeScale, tensorsOf(a), { c: factor });
    return whole ? refilled(a, whole) : map(a, (x) => tf.mul(x, factor));
  });
}

/**
 * Adds a multiple of one tree to another: a + c·b, which is a step, a decay of weights or a momentum.
 *
 * @param c - A number, or a scalar tensor.
 * @throws When a leaf has no partner, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { addScaled } from '@steppe/tree';
 *
 * console.log(addScaled({ w: tf.tensor1d([1, 2]) }, -0.5, { w: tf.tensor1d([4, 8]) }).w.arraySync()); // => [ -1, -2 ]
 * ```
 */
export function addScaled<T extends Tree>(a: T, c: number | Scalar, b: Tree): T {
  return pure(() => {
    const pairs: (readonly [Tensor, Tensor])[] = [];
    map2(a, b, (x, y) => {
      pairs.push([x, y]);
      return x;
    });
    const others = pairs.map(([, y]) => y);
    const factor = scalarOf(c);
    const whole = wholeTree(TreeAddScaled, tensorsOf(a), { b: others, c: factor });
    return refilled(a, whole ?? pairs.map(([x, y]) => tf.add(x, c === 1 ? y : tf.mul(y, factor))));
  });
}

/**
 * Stretches a whole tree to a length: ℓ·a / ‖a‖₂, over all leaves jointly; zero stays zero.
 *
 * It is right for every finite float32 tree, also where ‖a‖₂ or its inverse leaves float32: computed from a / max|a|, or in float64.
 *
 * @param length - ℓ, a number or a scalar tensor.
 * @returns The tree, and the norm ‖a‖₂ that it had.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { normalized } from '@steppe/tree';
 *
 * const { tree, norm } = normalized({ w: tf.tensor1d([3, 4]) }, 10);
 * console.log(tree.w.arraySync(), norm.arraySync()); // => [ 6, 8 ] 5
 * ```
 */
export function normalized<T extends Tree>(
  a: T,
  length: number | Scalar = 1,
): { readonly tree: T; readonly norm: Scalar } {
  return pure(() => {
    const whole = wholeTree(TreeNormalize, tensorsOf(a), { c: scalarOf(length) });
    if (whole) return { tree: refilled(a, whole), norm: whole.at(-1) as Scalar };
    const largest = norm(a, Number.POSITIVE_INFINITY);
    const nonzero = tf.greater(largest, 0);
    const one = tf.onesLike(largest);
    const units = map(a, (x) => tf.div(x, tf.where(nonzero, largest, one))); // largest entry ±1, or all zero
    // From 1 to the number of entries: neither overflows nor vanishes.
    const sumOfSquares = sum(map(units, (u) => tf.square(u)));
    const factor = tf.div(length, tf.sqrt(tf.where(nonzero, sumOfSquares, one)));
    return { tree: map(units, (u) => tf.mul(u, factor)), norm: tf.mul(largest, tf.sqrt(sumOfSquares)) as Scalar };
  });
}
