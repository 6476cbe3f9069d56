import type { Tree } from '@steppe/tree';
import type { Evaluation, GradientFn, GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { checkFunctions, checkLink, traitsOf } from './check-link.ts';
import { inPlaceOf } from './in-place-of.ts';
import type { LinkTraits } from './lift.ts';
import { transformation } from './transformation.ts';

/**
 * Updates a transformation and gives, beside what it makes, the gradient at w that it started from: with `samTransform`
 * inside, the clean and the sharp gradient for the price of the second alone. `withClean` is it for a link without a
 * state of its own.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { samTransform } from '@steppe/transforms';
 * import { updateWithClean } from '@steppe/transforms/parts';
 *
 * const sam = samTransform(0.5);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w: tf.Tensor = tf.scalar(1);
 * const { clean, evaluation } = updateWithClean(sam, gradient, sam.init(w), w, null);
 * console.log(clean.arraySync(), evaluation.grads.arraySync()); // => 2 3
 * ```
 */
export function updateWithClean<State extends Tree, P extends Tree, Batch extends Tree, Aux extends Tree>(
  inner: GradientTransformation<State, Batch>,
  gradient: GradientFn<P, Batch, Aux>,
  state: State,
  params: P,
  batch: Batch,
): { readonly clean: P; readonly evaluation: Evaluation<P, Aux>; readonly next: State } {
  // Each evaluation carries its own gradient; the one that the inner transformation returns is the one at w.
  const noting = inPlaceOf(gradient, (at, examples) => {
    const evaluation = gradient(at, examples);
    return { ...evaluation, carried: [evaluation.grads, ...(evaluation.carried ?? [])] };
  });
  const [evaluation, next] = inner.update(noting, state, params, batch);
  const [clean, ...carried] = evaluation.carried ?? [];
  return { clean: clean as P, evaluation: { ...evaluation, carried }, next };
}

/**
 * Combines what a transformation gives with the gradient at w that it started from: g ↦ f(∇L(w), link(∇L)(w)).
 *
 * With `samTransform` inside, f sees the clean and the sharpness-aware gradient, at no further cost: GSAM and WSAM are
 * such an f.
 *
 * @param inner - A transformation whose evaluation is the one at w, as it is for all of this package that evaluate
 * there.
 * @param f - Gets the gradient at w, the transformed one and the parameters; gives the new gradient.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map2 } from '@steppe/tree';
 * import { samTransform, withClean } from '@steppe/transforms';
 *
 * // Halfway between the gradient and the gradient of SAM.
 * const half = withClean(samTransform(0.5), (g, sharp) => map2(g, sharp, (a, b) => tf.div(tf.add(a, b), 2)));
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.scalar(1);
 * console.log(half.update(gradient, half.init(w), w, null)[0].grads.arraySync()); // => 2.5
 * ```
 */
export function withClean<State extends Tree, Seen extends Tree = Tree>(
  inner: GradientTransformation<State, Seen>,
  f: <P extends Tree>(clean: P, transformed: P, params: P) => P,
  traits: Pick<LinkTraits<State>, 'name' | 'made'> = {},
): GradientTransformation<State, Seen> {
  checkLink('inner', inner);
  checkFunctions({ f });
  return transformation({
    ...call('withClean', inner, f),
    ...traitsOf(inner),
    ...traits,
    init: inner.init,
    update(gradient, state, params, batch) {
      const { clean, evaluation, next } = updateWithClean(inner, gradient, state, params, batch);
      return [{ ...evaluation, grads: f(clean, evaluation.grads, params) }, next];
    },
  });
}
