import { type Key, key } from '@steppe/random';
import { leaves, map, map2, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Evaluation, GradientFn } from '../../src/index.ts';

export type Batch = { readonly x: tf.Tensor1D; readonly temperature: tf.Scalar; readonly key: Key };
export type Aux = { readonly mean: tf.Scalar; readonly examples: tf.Scalar };

/** A batch of examples, a scalar that belongs to all of them, and a random key. */
export const batchOf = (xs: readonly number[]): Batch => ({
  x: tf.tensor1d([...xs]),
  temperature: tf.scalar(0.5),
  key: key(3),
});

/** The loss of every example: xᵢ·½‖w‖² + τ·Σ sin wⱼ. */
export const exampleLoss = (w: Tree, { x, temperature }: Batch): tf.Tensor1D =>
  tf.add(
    tf.mul(x, sum(map(w, (leaf) => tf.mul(tf.square(leaf), 0.5)))),
    tf.mul(sum(map(w, (leaf) => tf.sin(leaf))), temperature),
  );

/** A loss with curvature, differentiated by hand, over any tree: L(w) = mean(x)·½‖w‖² + τ·Σ sin wⱼ. */
const evaluate = <P extends Tree>(w: P, { x, temperature }: Batch): Evaluation<P, Aux> =>
  pure(() => {
    const mean = tf.mean<tf.Scalar>(x);
    const terms = map(w as Tree, (leaf) =>
      tf.add(tf.mul(tf.mul(tf.square(leaf), 0.5), mean), tf.mul(tf.sin(leaf), temperature)),
    );
    return {
      value: sum(terms),
      grads: map(w, (leaf) => tf.add(tf.mul(leaf, mean), tf.mul(tf.cos(leaf), temperature))),
      aux: { mean, examples: tf.scalar(7, 'int32') },
    };
  });

/** Its Hessian, diag(mean(x) - τ·sin wⱼ), times a vector. */
const hessianProduct = <P extends Tree>(w: P, { x, temperature }: Batch, v: P): P =>
  pure(() => map2(w, v, (leaf, vi) => tf.mul(tf.sub(tf.mean(x), tf.mul(tf.sin(leaf), temperature)), vi)));

export const gradient: typeof evaluate & { readonly hvp: typeof hessianProduct } = Object.assign(evaluate, {
  hvp: hessianProduct,
});

/** The gradient of ½ Σ aⱼ wⱼ², the quadratic of the reference vectors. */
export const quadratic =
  (a: readonly number[]) =>
  (w: tf.Tensor): Evaluation<tf.Tensor, null> =>
    pure(() => {
      const grads = tf.mul(w, tf.tensor1d([...a]));
      return { value: tf.mul(tf.sum(tf.mul(grads, w)), 0.5) as tf.Scalar, grads, aux: null };
    });

export type Rows = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };

/** The gradient of mean ½(x·w - y)², the regression of the reference vectors. */
export const regression = (w: tf.Tensor, { x, y }: Rows): Evaluation<tf.Tensor, null> =>
  pure(() => {
    const residual = tf.sub(tf.sum(tf.mul(x, w), 1), y);
    return {
      value: tf.mul(tf.mean(tf.square(residual)), 0.5) as tf.Scalar,
      grads: tf.mean(tf.mul(x, tf.expandDims(residual, 1)), 0),
      aux: null,
    };
  });

/** Counts the examples that a gradient function is evaluated on; a Hessian product counts each of them twice. */
export function counting<P extends Tree, B extends Tree, A extends Tree>(
  inner: GradientFn<P, B, A>,
): { readonly gradient: GradientFn<P, B, A>; readonly examples: () => number } {
  let examples = 0;
  const sizeOf = (batch: B) => leaves(batch).find(({ leaf }) => leaf.rank > 0)?.leaf.shape[0] ?? 0;
  const evaluate = (params: P, batch: B) => {
    examples += sizeOf(batch);
    return inner(params, batch);
  };
  const { hvp } = inner;
  const product: typeof hvp =
    hvp &&
    ((params, batch, v) => {
      examples += 2 * sizeOf(batch);
      return hvp(params, batch, v);
    });
  return { gradient: Object.assign(evaluate, { hvp: product }), examples: () => examples };
}
