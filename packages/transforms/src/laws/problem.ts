import { type Key, key } from '@steppe/random';
import { map, map2, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Evaluation } from '../contract.ts';

/** The batch of the laws: examples, a scalar that belongs to all of them, and a random key. */
export type LawBatch = { readonly x: tf.Tensor1D; readonly temperature: tf.Scalar; readonly key: Key };

/** What the loss of the laws returns beside its value: a mean over the examples, and a count. */
export type LawAux = { readonly mean: tf.Scalar; readonly examples: tf.Scalar };

/** As many examples as no slice of the laws divides. */
export const XS: readonly number[] = [0.5, -1, 2, 0.25, 1.25];

/**
 * Makes a batch as the laws use it: its examples are the numbers, its temperature is ½.
 *
 * @example
 * ```ts
 * import { batchOf } from '@steppe/transforms/laws';
 *
 * console.log(batchOf([1, 2, 3]).x.shape); // => [ 3 ]
 * ```
 */
export const batchOf = (xs: readonly number[]): LawBatch => ({
  x: tf.tensor1d([...xs]),
  temperature: tf.scalar(0.5),
  key: key(3),
});

/**
 * Gives the loss of every example, xᵢ·½‖w‖² + τ·Σ sin wⱼ, for links that look into the batch, as `esam` does.
 *
 * @returns `[examples]`
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { esam } from '@steppe/transforms';
 * import { batchOf, checkLaws, exampleLoss } from '@steppe/transforms/laws';
 *
 * console.log(exampleLoss(tf.scalar(2), batchOf([0.5, 1])).dataSync().length); // => 2
 * await checkLaws(esam(0.1, { exampleLoss }), { numRuns: 1 });
 * ```
 */
export const exampleLoss = (w: Tree, { x, temperature }: LawBatch): tf.Tensor1D =>
  tf.add(
    tf.mul(x, sum(map(w, (leaf) => tf.mul(tf.square(leaf), 0.5)))),
    tf.mul(sum(map(w, (leaf) => tf.sin(leaf))), temperature),
  );

const evaluate = <P extends Tree>(w: P, { x, temperature }: LawBatch): Evaluation<P, LawAux> =>
  pure(() => {
    const mean = tf.mean<tf.Scalar>(x);
    const terms = map(w as Tree, (leaf) =>
      tf.add(tf.mul(tf.mul(tf.square(leaf), 0.5), mean), tf.mul(tf.sin(leaf), temperature)),
    );
    return {
      value: sum(terms),
      grads: map(w, (leaf) => tf.add(tf.mul(leaf, mean), tf.mul(tf.cos(leaf), temperature))),
      aux: { mean, examples: tf.scalar(7, 'int32') },
      cotangent: { points: map(w as Tree, (leaf) => tf.mul(leaf, mean)), sines: tf.clone(temperature) },
    };
  });

/** The loss is one of outputs, F(w) = (w, sin w) and ℓ(F) = mean(x)·½‖F₁‖² + τ·Σ F₂: J_F(w)ᵀ·c = c₁ + cos w · c₂. */
const outputsProduct = <P extends Tree>(w: P, _batch: LawBatch, cotangent: Tree): P => {
  const { points, sines } = cotangent as { readonly points: P; readonly sines: tf.Scalar };
  return pure(() => map2(w, points, (leaf, c) => tf.add(c, tf.mul(tf.cos(leaf), sines))));
};

/** Its Hessian, diag(mean(x) - τ·sin wⱼ), times a vector. */
const hessianProduct = <P extends Tree>(w: P, { x, temperature }: LawBatch, v: P): P =>
  pure(() => map2(w, v, (leaf, vi) => tf.mul(tf.sub(tf.mean(x), tf.mul(tf.sin(leaf), temperature)), vi)));

/**
 * Evaluates the loss of the laws, L(w) = mean(x)·½‖w‖² + τ·Σ sin wⱼ, which has curvature, over any tree, with its
 * Hessian product, and as a loss of outputs.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { batchOf, gradient } from '@steppe/transforms/laws';
 *
 * const { grads } = gradient({ w: tf.scalar(0) }, batchOf([1, 2])); // mean(x)·w + τ·cos w
 * console.log(grads.w.arraySync()); // => 0.5
 * ```
 */
export const gradient: typeof evaluate & {
  readonly hvp: typeof hessianProduct;
  readonly functional: typeof outputsProduct;
} = Object.assign(evaluate, { hvp: hessianProduct, functional: outputsProduct });
