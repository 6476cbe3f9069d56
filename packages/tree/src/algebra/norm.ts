import { refusal } from '@steppe/check';
import { TREE_NORM_ORDERS, TreeDot, TreeNorm } from '@steppe/kernels';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { leaves } from '../fold.ts';
import { asScalar } from '../scalar.ts';
import type { Tree } from '../tree.ts';
import { pairsOf } from './linear.ts';
import { wholeTree } from './whole-tree.ts';

/** Length of the rows that a long sum is cut into: 10⁶ tenths then sum to 10⁻⁶ on WASM; rows of 1024 leave 10⁻⁵. */
const ROW = 64;

/** Σᵢ xᵢ in stages of at most `ROW` terms: one float32 accumulator over 2·10⁷ ones stops at 16,777,216. */
function stagedSum(x: Tensor): Scalar {
  if (x.size <= ROW) return tf.sum(x);
  const flat = tf.reshape(x, [x.size]);
  const rows = Math.ceil(x.size / ROW);
  const padded = rows * ROW === x.size ? flat : tf.pad(flat, [[0, rows * ROW - x.size]]);
  return stagedSum(tf.sum(tf.reshape(padded, [rows, ROW]), 1));
}

const total = (terms: readonly Scalar[]): Scalar =>
  terms.length === 0 ? tf.scalar(0) : stagedSum(tf.stack([...terms]));

/** A leaf as float32: states also have int32 counts, and `tf.stack` takes one type only. A cast to the same type costs
 * a kernel all the same. */
const asFloat = (leaf: Tensor): Tensor => (leaf.dtype === 'float32' ? leaf : tf.cast(leaf, 'float32'));

/** The leaves that hold numbers, all as float32. */
const filled = (tree: Tree): readonly Tensor[] =>
  leaves(tree).flatMap(({ leaf }) => (leaf.size > 0 ? [asFloat(leaf)] : []));

const maxAbs = (parts: readonly Tensor[]): Scalar =>
  parts.length === 0 ? tf.scalar(0) : tf.max(tf.stack(parts.map((leaf) => tf.max(tf.abs(leaf)))));

/**
 * Sums all numbers of a tree without losing the small ones: Σᵢ xᵢ, in stages.
 *
 * @returns A scalar; 0 for an empty tree.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { sum } from '@steppe/tree';
 *
 * console.log(sum({ a: tf.ones([3]), b: tf.ones([2, 2]) }).arraySync()); // => 7
 * ```
 */
export function sum(tree: Tree): Scalar {
  return tf.tidy(() => total(filled(tree).map(stagedSum)));
}

/**
 * Measures a whole tree as one vector: ‖x‖ₚ = (Σᵢ |xᵢ|ᵖ)^(1/p), over all leaves jointly; ‖x‖_∞ = maxᵢ |xᵢ|.
 *
 * The sum runs over x / max|x|, so entries near 10⁻³⁰ do not underflow and entries near 10³⁰ do not overflow in
 * float32, and it is staged. An empty or all-zero tree has norm 0; an infinite entry gives Infinity, a NaN gives NaN.
 *
 * @param p - The order, 1 ≤ p ≤ Infinity.
 * @throws When `p` is below 1 or not a number.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { norm } from '@steppe/tree';
 *
 * const gradient = { w: tf.tensor1d([3]), b: tf.scalar(-4) };
 * console.log(norm(gradient).arraySync(), norm(gradient, 1).arraySync(), norm(gradient, Infinity).arraySync()); // => 5 7 4
 * ```
 */
export function norm(tree: Tree, p = 2): Scalar {
  if (!(p >= 1)) throw refusal('p', 'at least 1', p);
  return tf.tidy(() => {
    const parts = filled(tree);
    const whole = TREE_NORM_ORDERS.includes(p) ? wholeTree(TreeNorm, parts, { order: p }) : undefined;
    if (whole) return asScalar(whole[0]);
    const largest = maxAbs(parts);
    if (p === Number.POSITIVE_INFINITY) return largest;
    // Without a finite positive maximum there is nothing to scale by: zeros stay 0, Infinity and NaN come through.
    const usable = tf.logicalAnd(tf.greater(largest, 0), tf.less(largest, Number.POSITIVE_INFINITY));
    const scale = tf.where(usable, largest, tf.onesLike(largest));
    const power = (x: Tensor) => (p === 2 ? tf.square(x) : p === 1 ? tf.abs(x) : tf.pow(tf.abs(x), p));
    const sumOfPowers = total(parts.map((leaf) => stagedSum(power(tf.div(leaf, scale)))));
    const root = p === 2 ? tf.sqrt(sumOfPowers) : p === 1 ? sumOfPowers : tf.pow(sumOfPowers, 1 / p);
    return asScalar(tf.mul(scale, root));
  });
}

/**
 * Multiplies two trees as vectors: ⟨a, b⟩ = Σᵢ aᵢ bᵢ, over all leaves jointly, in stages.
 *
 * @returns A scalar; 0 for empty trees.
 * @throws When the trees differ in structure or in a shape, with the path of the odd leaf.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { dot } from '@steppe/tree';
 *
 * console.log(dot({ w: tf.tensor1d([1, 2]) }, { w: tf.tensor1d([3, 4]) }).arraySync()); // => 11
 * ```
 */
export function dot(a: Tree, b: Tree): Scalar {
  return tf.tidy(() => {
    const [xs, ys] = pairsOf(a, b);
    const whole = wholeTree(TreeDot, xs, { b: ys });
    return whole ? asScalar(whole[0]) : sum(xs.map((x, i) => tf.mul(x, ys[i] as Tensor)));
  });
}
