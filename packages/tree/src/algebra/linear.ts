import { TreeAddScaled, TreeScale } from '@steppe/kernels';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { leaves } from '../fold.ts';
import { map, map2 } from '../map.ts';
import { pure } from '../ownership.ts';
import type { Tree } from '../tree.ts';
import { wholeTree } from './whole-tree.ts';

/** The tensors of a tree, in order. */
export const tensorsOf = (tree: Tree): readonly Tensor[] => leaves(tree).map(({ leaf }) => leaf);

/** The tensors of two trees at the same places, which have the same shapes: one that is broadcast would be a result of
 * another shape without a word. */
export function pairsOf(a: Tree, b: Tree): readonly [xs: readonly Tensor[], ys: readonly Tensor[]] {
  const [xs, ys]: [Tensor[], Tensor[]] = [[], []];
  map2(a, b, (x, y, path) => {
    if (!tf.util.arraysEqual(x.shape, y.shape))
      throw new Error(`Trees differ at "${path || '.'}": shapes [${x.shape}] and [${y.shape}].`);
    xs.push(x);
    ys.push(y);
    return x;
  });
  return [xs, ys];
}

/** A number as a scalar tensor, which a kernel takes and a trace follows. */
export const scalarOf = (c: number | Scalar): Scalar => (typeof c === 'number' ? tf.scalar(c) : c);

/** The tree with other tensors in its places. */
export function refilled<T extends Tree>(tree: T, tensors: readonly Tensor[]): T {
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
 * @throws When a leaf has no partner of its shape, with its path.
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
    const [xs, ys] = pairsOf(a, b);
    const factor = scalarOf(c);
    const whole = wholeTree(TreeAddScaled, xs, { b: ys, c: factor });
    return refilled(
      a,
      whole ?? xs.map((x, i) => tf.add(x, c === 1 ? (ys[i] as Tensor) : tf.mul(ys[i] as Tensor, factor))),
    );
  });
}

/**
 * Adds two trees: a + b, leaf by leaf.
 *
 * @throws When a leaf has no partner of its shape, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { plus } from '@steppe/tree';
 *
 * console.log(plus({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([10, 20]) }).w.arraySync()); // => [ 11, 22 ]
 * ```
 */
export function plus<T extends Tree>(a: T, b: Tree): T {
  return addScaled(a, 1, b);
}

/**
 * Subtracts one tree from another: a - b, leaf by leaf, which is the way from b to a.
 *
 * @throws When a leaf has no partner of its shape, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { minus } from '@steppe/tree';
 *
 * console.log(minus({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([0.5, 4]) }).w.arraySync()); // => [ 0.5, -2 ]
 * ```
 */
export function minus<T extends Tree>(a: T, b: Tree): T {
  return addScaled(a, -1, b);
}

/**
 * Takes one step of an exponential mean: β·m + (1 - β)·x, leaf by leaf.
 *
 * @param decay - β, the share of the old mean that stays.
 * @throws When a leaf has no partner of its shape, with its path.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { decayed } from '@steppe/tree';
 *
 * console.log(decayed({ w: tf.scalar(4) }, { w: tf.scalar(8) }, 0.75).w.arraySync()); // => 5
 * ```
 */
export function decayed<T extends Tree>(mean: T, xs: Tree, decay: number): T {
  return pure(() => addScaled(scaled(mean, decay), 1 - decay, xs));
}
