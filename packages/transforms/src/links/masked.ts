import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Select } from '../contract.ts';
import { call } from './call.ts';
import { checkFunctions, checkLink, traitsOf } from './check-link.ts';
import { inPlaceOf } from './in-place-of.ts';
import { gradientOfPart } from './part.ts';
import { checkSelection, merge, only } from './select.ts';
import { transformation } from './transformation.ts';

/**
 * Applies a transformation to some leaves only; the others pass as they are, with the gradient at w.
 *
 * The inner transformation sees a tree that has `null` for the other leaves: norms, moments and perturbations are of
 * the chosen ones. It holds nothing still: the others go on to the links behind, with their gradients, decays and steps;
 * `freeze` is what leaves parameters as they are.
 *
 * @param select - Called with a leaf's path and tensor (of the parameters); must choose by path and shape, not by
 * value.
 * @throws When `select` is not a function; at `init`, when it chooses no leaf, with the paths that there are.
 * @see optax.masked
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { addDecayedWeights, masked } from '@steppe/transforms';
 *
 * const decayKernels = masked(addDecayedWeights(0.1), (path) => path.endsWith('.kernel'));
 * const params = { kernel: tf.scalar(10), bias: tf.scalar(10) };
 * const gradient = () => ({ value: tf.scalar(0), grads: { kernel: tf.scalar(0), bias: tf.scalar(0) }, aux: null });
 * const [{ grads }] = decayKernels.update(gradient, decayKernels.init(params), params, null);
 * console.log(grads.kernel.arraySync(), grads.bias.arraySync()); // => 1 0
 * ```
 */
export function masked<State extends Tree, Seen extends Tree = Tree>(
  inner: GradientTransformation<State, Seen>,
  select: Select,
): GradientTransformation<State, Seen> {
  checkLink('inner', inner);
  checkFunctions({ select });
  const { linear, affine, adds } = inner;
  const what = `masked(${inner.name ?? 'link'}, select)`;
  return transformation({
    ...call('masked', inner, select),
    ...traitsOf(inner),
    init(params) {
      checkSelection(what, params, select);
      return inner.init(only(params, select));
    },
    update(gradient, state, params, batch) {
      // The other leaves' gradient travels with the evaluation that it belongs to, like the states of links before.
      const noting = inPlaceOf(gradient, (all, examples) => {
        const evaluation = gradient(all, examples);
        return { ...evaluation, carried: [evaluation.grads, ...(evaluation.carried ?? [])] };
      });
      const part = gradientOfPart(noting, params, select);
      const [evaluation, next] = inner.update(part, state, only(params, select), batch);
      const [all, ...carried] = evaluation.carried ?? [];
      return [{ ...evaluation, grads: merge(all as typeof params, evaluation.grads), carried }, next];
    },
    affine,
    adds,
    // One that multiplies a part of the gradient makes it the gradient of nothing.
    ...(adds &&
      linear && {
        linear: (product, state, params, batch, weights) => {
          const all = product(params, batch);
          const part = linear(() => only(all, select), state, only(params, select), batch, only(weights, select));
          return merge(all, part);
        },
      }),
  });
}
