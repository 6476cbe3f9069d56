import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { checkFunctions } from './check-link.ts';
import type { LinkTraits } from './lift.ts';
import { transformation } from './transformation.ts';

/** What a link that evaluates once, elsewhere, may say of itself. */
export type DisplaceTraits<State extends Tree> = Pick<LinkTraits<State>, 'name' | 'made' | 'uphill'> & {
  readonly linear?: <P extends Tree>(grads: P, state: State) => P;
  readonly affine?: boolean;
};

/**
 * Evaluates the gradient once, at w + ε for an ε that is known beforehand: the pattern of methods that cost one
 * gradient a step.
 *
 * Loss, aux and report are those at w + ε, since nothing is evaluated at w.
 *
 * @param init - Makes the state from the parameters.
 * @param epsilon - Gives ε from the state and the parameters.
 * @param f - Gets the gradient at w + ε and the state; gives the new gradient and the next state.
 * @param traits - `name` for messages; `linear` where ε comes from the state alone and f is linear in the gradient: what
 * f makes of it, so that second derivatives pass, at w + ε; with `affine` where f adds a part of the state.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { displaceBy } from '@steppe/transforms';
 *
 * const half = displaceBy(() => null, (_, w) => tf.mul(w as tf.Tensor, -0.5), (grads, state) => [grads, state]);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * console.log(half.update(gradient, null, tf.scalar(1), null)[0].grads.arraySync()); // => 1
 * ```
 */
export function displaceBy<State extends Tree>(
  init: (params: Tree) => State,
  epsilon: (state: State, params: Tree) => Tree,
  f: <P extends Tree>(grads: P, state: State) => readonly [grads: P, state: State],
  { linear, ...traits }: DisplaceTraits<State> = {},
): GradientTransformation<State> {
  checkFunctions({ init, epsilon, f });
  return transformation({
    ...traits,
    gradientCost: 1,
    init,
    update(gradient, state, params, batch) {
      const evaluation = gradient(applyUpdates(params, epsilon(state, params)), batch);
      const [grads, next] = f(evaluation.grads, state);
      return [{ ...evaluation, grads }, next];
    },
    ...(linear && {
      linear: (product, state, params, batch) =>
        linear(product(applyUpdates(params, epsilon(state, params)), batch), state),
    }),
  });
}
