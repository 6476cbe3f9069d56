import { type Tree, zerosLike } from '@steppe/tree';
import type { GradientFn, HessianProduct, Select } from '../contract.ts';
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
  const { hvp, whole = (all) => all } = gradient;
  const part: typeof gradient = (chosen, batch, wanted = () => true) => {
    const both: Select = (path, leaf) => select(path, leaf) && wanted(path, leaf);
    const evaluation = gradient(merge(params, chosen), batch, both);
    return { ...evaluation, grads: only(evaluation.grads, select) };
  };
  return Object.assign(part, gradient, {
    hvp: hvp && productOfPart(hvp, params, select),
    whole: (chosen: P) => whole(merge(params, chosen)),
  });
}
