import { type Tree, zerosLike } from '@steppe/tree';
import type { Evaluation, GradientFn, Product, Select } from '../contract.ts';
import { inPlaceOf } from './in-place-of.ts';
import { merge, only } from './select.ts';

/**
 * Gives a product over the chosen leaves alone, with the others held, such as the gradient or a Hessian product.
 *
 * @param params - The whole parameters; the product takes and gives trees that have `null` for the others.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { productOfPart } from '@steppe/transforms/parts';
 *
 * type Params = { a: tf.Tensor | null; b: tf.Tensor | null };
 * const slope = ({ a, b }: Params) => ({ a: b, b: a }); // of a·b
 * const params: Params = { a: tf.scalar(1), b: tf.scalar(2) };
 * const ofA = productOfPart<Params, null>(slope, params, (path) => path === '.a');
 * const { a, b } = ofA({ a: tf.scalar(5), b: null }, null);
 * console.log(a?.arraySync(), b); // => 2 null
 * ```
 */
export const productOfPart =
  <P extends Tree, Batch extends Tree>(product: Product<P, Batch>, params: P, select: Select): Product<P, Batch> =>
  (chosen, batch, wanted = () => true) =>
    only(
      product(merge(params, chosen), batch, (path, leaf) => select(path, leaf) && wanted(path, leaf)),
      select,
    );

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
  const { hvp, functional, lostIn, whole = (all) => all } = gradient;
  const part = (product: Product<P, Batch>) => productOfPart(product, params, select);
  const evaluate = (chosen: P, batch: Batch, wanted: Select = () => true): Evaluation<P, Aux> => {
    const both: Select = (path, leaf) => select(path, leaf) && wanted(path, leaf);
    const evaluation = gradient(merge(params, chosen), batch, both);
    return { ...evaluation, grads: only(evaluation.grads, select) };
  };
  return inPlaceOf(gradient, evaluate, {
    hvp:
      hvp &&
      ((chosen, batch, v, wanted) =>
        // A block of the Hessian.
        part((at, of, both) => hvp(at, of, merge(zerosLike(params), v), both))(chosen, batch, wanted)),
    functional:
      functional &&
      ((chosen, batch, cotangent, wanted) =>
        part((at, of, both) => functional(at, of, cotangent, both))(chosen, batch, wanted)),
    lostIn,
    whole: (chosen) => whole(merge(params, chosen)),
  });
}
