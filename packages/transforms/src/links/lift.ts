import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Report } from '../contract.ts';
import { checkFunctions } from './check-link.ts';
import { transformation } from './transformation.ts';

/** What a link may say of itself beyond what it does. */
export type LinkTraits<State extends Tree> = Pick<
  GradientTransformation<State>,
  'name' | 'made' | 'sign' | 'uphill' | 'adds' | 'affine'
> & {
  /** Whether it is linear in the gradient and the parameters together, with one factor for the whole gradient or an
   * orthogonal projection of it: then second derivatives and functional gradients pass through it. */
  readonly linear?: boolean;
};

/**
 * Lifts a map of gradients into a link: everything that optax can do without a state.
 *
 * @param f - Gets the gradients and the parameters, gives the new gradients with the same structure.
 * @param traits - `name` for messages; `linear` where f is, so that second derivatives pass through it.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map } from '@steppe/tree';
 * import { stateless } from '@steppe/transforms';
 *
 * const sign = stateless((grads) => map(grads, (g) => tf.sign(g)));
 * const [{ grads }] = sign.update((w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null }), null, tf.scalar(-3), null);
 * console.log(grads.arraySync()); // => -1
 * ```
 */
export function stateless(
  f: <P extends Tree>(grads: P, params: P) => P,
  { linear, ...traits }: LinkTraits<null> = {},
): GradientTransformation<null> {
  checkFunctions({ f });
  return transformation({
    ...traits,
    gradientCost: 1,
    init: () => null,
    update(gradient, state, params, batch) {
      const evaluation = gradient(params, batch);
      return [{ ...evaluation, grads: f(evaluation.grads, params) }, state];
    },
    ...(linear && {
      linear: (product, _state, params, batch, weights) => f(product(params, batch), weights),
    }),
  });
}

/**
 * Lifts a map of gradients with a memory into a link: momentum, Adam, counters.
 *
 * @param init - Makes the state from the parameters.
 * @param f - Gets gradients, state and parameters; gives the new gradients, the next state and, if it likes, entries
 * for the report.
 * @param traits - `name` for messages; `linear` where f is, for any state, so that second derivatives pass through it;
 * with `affine` where it is for the state that `init` makes, and adds a part of another one, as a velocity.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { map2, type Tree, zerosLike } from '@steppe/tree';
 * import { stateful } from '@steppe/transforms';
 *
 * const sumOfGradients = stateful(
 *   (params): { sum: Tree } => ({ sum: zerosLike(params) }),
 *   (grads, { sum }) => {
 *     const next = map2(grads, sum, (g, s) => tf.add(g, s));
 *     return [next, { sum: next }];
 *   },
 * );
 * const w = tf.scalar(1);
 * const gradient = (at: tf.Tensor) => ({ value: tf.scalar(0), grads: at, aux: null });
 * const [, state] = sumOfGradients.update(gradient, sumOfGradients.init(w), w, null);
 * console.log(sumOfGradients.update(gradient, state, w, null)[0].grads.arraySync()); // => 2
 * ```
 */
export function stateful<State extends Tree>(
  init: (params: Tree) => State,
  f: <P extends Tree>(grads: P, state: State, params: P) => readonly [grads: P, state: State, report?: Report],
  { linear, ...traits }: LinkTraits<State> = {},
): GradientTransformation<State> {
  checkFunctions({ init, f });
  return transformation({
    ...traits,
    gradientCost: 1,
    init,
    update(gradient, state, params, batch) {
      const evaluation = gradient(params, batch);
      const [grads, next, report] = f(evaluation.grads, state, params);
      return [{ ...evaluation, grads, report: { ...evaluation.report, ...report } }, next];
    },
    ...(linear && {
      // What an affine one adds is of its state, and nothing at first.
      linear: (product, state, params, batch, weights) =>
        f(product(params, batch), traits.affine ? init(params) : state, weights)[0],
    }),
  });
}
