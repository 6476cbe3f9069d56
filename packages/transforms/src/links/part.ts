import { type Tree, zerosLike } from '@steppe/tree';
import type { Evaluation, GradientFn, HessianProduct, Select } from '../contract.ts';
import { inPlaceOf } from './in-place-of.ts';
import { merge, only } from './select.ts';

/** The Hessian product over the chosen leaves alone, with the others held: a block of the Hessian. */
export const productOfPart =
  <P extends Tree, Batch extends Tree>(
    hvp: HessianProduct<P, Batch>,
    params: P,
    select: Select,
  ): HessianProduct<P, Batch> =>
  (chosen, batch, v) =>
    only(hvp(merge(params, chosen), batch, merge(zerosLike(params), v), select), select);

/** The gradient function over the chosen leaves alone, a tree that has `null` for the others, which are held at those
 * of `params`. */
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
