import { type Tree, zerosLike } from '@steppe/tree';
import type { Evaluation, GradientFn, HessianProduct, Select } from '../contract.ts';
import { inPlaceOf } from './in-place-of.ts';
import { merge, only } from './select.ts';

/**
 * Gives the Hessian product over the chosen leaves alone, with the others held: a block of the Hessian.
 *
 * @param params - The whole parameters; the product takes and gives trees that have `null` for the others.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { productOfPart } from '@steppe/transforms/parts';
 *
 * type Params = { a: tf.Tensor | null; b: tf.Tensor | null };
 * const both = (_: Params, _batch: null, { a, b }: Params) => ({ a: tf.add(a ?? 0, b ?? 0), b: tf.add(a ?? 0, b ?? 0) });
 * const params: Params = { a: tf.scalar(1), b: tf.scalar(2) };
 * const ofA = productOfPart<Params, null>(both, params, (path) => path === '.a');
 * const { a, b } = ofA({ a: tf.scalar(1), b: null }, null, { a: tf.scalar(3), b: null });
 * console.log(a?.arraySync(), b); // => 3 null
 * ```
 */
export const productOfPart =
  <P extends Tree, Batch extends Tree>(
    hvp: HessianProduct<P, Batch>,
    params: P,
    select: Select,
  ): HessianProduct<P, Batch> =>
  (chosen, batch, v) =>
    only(hvp(merge(params, chosen), batch, merge(zerosLike(params), v), select), select);

/**
 * Gives the gradient function over the chosen leaves alone, a tree that has `null` for the others, which are held at
 * those of `params`: what `masked` and `freeze` hand to the links inside.
 *
 * @param params - The whole parameters.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { gradientOfPart } from '@steppe/transforms/parts';
 *
 * type Params = { a: tf.Tensor | null; b: tf.Tensor | null };
 * // L = a·b
 * const gradient = ({ a, b }: Params) => ({ value: tf.mul<tf.Scalar>(a ?? 0, b ?? 0), grads: { a: b, b: a }, aux: null });
 * const params: Params = { a: tf.scalar(1), b: tf.scalar(2) };
 * const ofA = gradientOfPart<Params, null, null>(gradient, params, (path) => path === '.a');
 * const { value, grads } = ofA({ a: tf.scalar(5), b: null }, null);
 * console.log(value.arraySync(), grads.a?.arraySync(), grads.b); // => 10 2 null
 * ```
 */
export function gradientOfPart<P extends Tree, Batch extends Tree, Aux extends Tree>(
  gradient: GradientFn<P, Batch, Aux>,
  params: P,
  select: Select,
): GradientFn<P, Batch, Aux> {
  const { hvp, hvpLostIn, whole = (all) => all } = gradient;
  const part = (chosen: P, batch: Batch, wanted: Select = () => true): Evaluation<P, Aux> => {
    const both: Select = (path, leaf) => select(path, leaf) && wanted(path, leaf);
    const evaluation = gradient(merge(params, chosen), batch, both);
    return { ...evaluation, grads: only(evaluation.grads, select) };
  };
  return inPlaceOf(gradient, part, {
    hvp: hvp && productOfPart(hvp, params, select),
    hvpLostIn,
    whole: (chosen) => whole(merge(params, chosen)),
  });
}
