import { map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { stateless } from './lift.ts';

/** The leaves of two axes or more less their mean over all axes but the last. */
const centered = <P extends Tree>(grads: P): P =>
  map(grads, (g) =>
    // A mean over nothing is NaN.
    g.rank < 2 || g.size === 0
      ? g
      : tf.sub(
          g,
          tf.mean(
            g,
            g.shape.slice(1).map((_, axis) => axis),
            true,
          ),
        ),
  );

/**
 * Takes the mean out of the gradient of every output: g ↦ g - mean(g) over all axes but the last, for leaves of two axes
 * or more; the others pass unchanged.
 *
 * The output axis of kernels is the last, `[height, width, in, out]` and `[in, out]`. Gradient centralization is linear,
 * and twice is once. `chain(centralize(), samTransform(rho))` is GCSAM: both of SAM's gradients are centralized;
 * behind `samTransform` it centralizes the step alone. `masked(centralize(), select)` spares leaves of other meaning.
 *
 * @see Yong et al., Gradient Centralization, ECCV 2020; Hassan et al., GCSAM, 2025. The port in
 * pytorch_optimizer centralizes the first gradient alone, and takes its norm before.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { centralize } from '@steppe/transforms';
 *
 * const kernel = tf.tensor2d([[1, 5], [3, 5]]); // [in, out]
 * const [{ grads }] = centralize().update((w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null }), null, kernel, null);
 * console.log(grads.arraySync()); // => [ [ -1, 0 ], [ 1, 0 ] ]
 * ```
 */
export const centralize = (): GradientTransformation<null> =>
  stateless(centered, { ...call('centralize'), linear: true });
