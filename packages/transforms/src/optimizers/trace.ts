import { belowOne, checkNumber, checkOptions, oneOf } from '@steppe/check';
import { addScaled, type Tree, zerosLike } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateful } from '../links/lift.ts';

/** The velocity of `trace`, with the structure of the parameters. */
export type TraceState = { readonly velocity: Tree };

/**
 * Accumulates gradients with decay, which is momentum: v ← g + β·v, and gives v, or g + β·v with Nesterov's look ahead.
 *
 * Second derivatives pass: that of v is the Hessian, (1 + β)·H with Nesterov, since the old velocity does not depend on
 * the weights. Functional gradients do not, as the velocity has no part in them.
 *
 * @param decay - β in [0, 1).
 * @param options - `nesterov`: give g + β·v for the new v instead of v. @defaultValue false
 * @throws When the decay is not in [0, 1).
 * @see optax.trace; Sutskever et al., ICML 2013.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { trace } from '@steppe/transforms';
 *
 * const momentum = trace(0.9);
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(1), aux: null });
 * const w = tf.scalar(0);
 * const [, state] = momentum.update(gradient, momentum.init(w), w, null);
 * console.log(momentum.update(gradient, state, w, null)[0].grads.arraySync().toFixed(1)); // => 1.9
 * ```
 */
export function trace(
  decay: number,
  options: { readonly nesterov?: boolean } = {},
): GradientTransformation<TraceState> {
  checkNumber('The decay of trace', decay, belowOne);
  checkOptions('trace', options, { nesterov: oneOf(true, false) });
  const { nesterov = false } = options;
  return stateful(
    (params): TraceState => ({ velocity: zerosLike(params) }),
    (grads, { velocity }) => {
      const next = addScaled(grads, decay, velocity);
      return [nesterov ? addScaled(grads, decay, next) : next, { velocity: next }];
    },
    { ...call('trace', decay, nesterov ? { nesterov } : {}), linear: true, affine: true },
  );
}
