import { checkFunction, checkNumber, refusal, shown } from '@steppe/check';
import { checkParameters, pure, type Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { checkLink } from './check-link.ts';
import { refusedIn } from './refused-in.ts';

/** Refuses a state of another link, which an update has failed on. */
function checkStateOf<State extends Tree>(
  { init, made, name = 'a link' }: GradientTransformation<State, never>,
  state: Tree,
  params: Tree,
  cause: unknown,
): void {
  const expected = pure(() => shown(init(params)));
  if (shown(state) !== expected)
    throw Object.assign(refusal(`The state of ${made?.name ?? name}`, expected, state, 'start with init(params)'), {
      cause,
    });
}

/**
 * Makes a transformation of your own pure: `init` and `update` may create and return tensors as they like.
 *
 * Intermediates are freed, results that are inputs are copied, and an exception leaves nothing behind. Every link of
 * this package is made by it; for a plain map of gradients use `stateless` or `stateful`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { transformation, applyUpdates } from '@steppe/transforms';
 *
 * // The gradient at the point that a plain step would reach.
 * const lookahead = transformation({
 *   gradientCost: 2,
 *   init: () => null,
 *   update(gradient, state, params, batch) {
 *     const here = gradient(params, batch);
 *     return [{ ...here, grads: gradient(applyUpdates(params, here.grads), batch).grads }, state];
 *   },
 * });
 * const [{ grads }] = lookahead.update((w: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.mul(w, 2), aux: null }), null, tf.scalar(1), null);
 * console.log(grads.arraySync()); // => 6
 * ```
 */
export function transformation<State extends Tree, Seen extends Tree = Tree>(
  definition: GradientTransformation<State, Seen>,
): GradientTransformation<State, Seen> {
  checkLink('The definition of a transformation', definition);
  checkNumber('gradientCost', definition.gradientCost, ['at least 0', (cost) => cost >= 0]);
  const { linear } = definition;
  if (definition.costAt !== undefined) checkFunction('costAt', definition.costAt);
  return {
    ...definition,
    init(params) {
      checkParameters(params);
      return pure(() => definition.init(params));
    },
    update(gradient, state, params, batch) {
      try {
        return pure(() => definition.update(gradient, state, params, batch));
      } catch (error) {
        checkStateOf(definition, state, params, error);
        throw refusedIn(definition.name ?? 'a link', error);
      }
    },
    ...(linear && { linear: (...given) => pure(() => linear(...given)) }),
  };
}
