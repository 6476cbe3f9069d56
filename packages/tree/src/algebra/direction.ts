import { TreeNormalize } from '@steppe/kernels';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { map } from '../map.ts';
import { pure } from '../ownership.ts';
import { asScalar } from '../scalar.ts';
import type { Tree } from '../tree.ts';
import { refilled, scalarOf, tensorsOf } from './linear.ts';
import { dot, norm, sum } from './norm.ts';
import { wholeTree } from './whole-tree.ts';

/**
 * Stretches a whole tree to a length: ℓ·a / ‖a‖₂, over all leaves jointly; zero stays zero.
 *
 * It is right for every finite float32 tree, also where ‖a‖₂ or its inverse leaves float32: computed from a / max|a|,
 * or in float64. A NaN or an infinity in it makes it NaN throughout, since it has no direction then.
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
    if (whole) return { tree: refilled(a, whole), norm: asScalar(whole.at(-1)) };
    const largest = norm(a, Number.POSITIVE_INFINITY);
    const nonzero = tf.greater(largest, 0);
    const one = tf.onesLike(largest);
    const units = map(a, (x) => tf.div(x, tf.where(nonzero, largest, one))); // largest entry ±1, or all zero
    // From 1 to the number of entries: neither overflows nor vanishes.
    const sumOfSquares = sum(map(units, (u) => tf.square(u)));
    const known = tf.where(tf.less(largest, Number.POSITIVE_INFINITY), length, Number.NaN);
    const factor = tf.div(known, tf.sqrt(tf.where(nonzero, sumOfSquares, one)));
    return { tree: map(units, (u) => tf.mul(u, factor)), norm: asScalar(tf.mul(largest, tf.sqrt(sumOfSquares))) };
  });
}

/**
 * Gives the direction of a tree: a / ‖a‖₂, over all leaves jointly; zero stays zero.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { unit } from '@steppe/tree';
 *
 * console.log([...unit({ w: tf.tensor1d([3, 4]) }).w.dataSync()].map((x) => x.toFixed(1))); // => [ '0.6', '0.8' ]
 * ```
 */
export function unit<T extends Tree>(a: T): T {
  return pure(() => normalized(a).tree);
}

/**
 * Measures the angle between two trees by its cosine: ⟨a, b⟩ / (‖a‖·‖b‖), over all leaves jointly; 0 when one of them
 * is zero.
 *
 * @throws When the trees differ in structure or in a shape, with the path of the odd leaf.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cosine } from '@steppe/tree';
 *
 * console.log(cosine({ w: tf.tensor1d([1, 0]) }, { w: tf.tensor1d([1, 1]) }).arraySync().toFixed(3)); // => 0.707
 * ```
 */
export function cosine(a: Tree, b: Tree): Scalar {
  return pure(() => dot(unit(a), unit(b)));
}
