import { map2, norm, normalized } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { stateless } from '../links/lift.ts';

/**
 * Makes each leaf's update as long as the leaf: u ↦ u·‖w_l‖/‖u_l‖, by leaf; 1 where either norm is 0.
 *
 * Behind `scaleByAdam` and `addDecayedWeights` it is LAMB, behind a plain gradient LARS.
 *
 * @see You et al., Large Batch Optimization for Deep Learning, ICLR 2020, Algorithm 2; optax.scale_by_trust_ratio.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { scaleByTrustRatio } from '@steppe/transforms';
 *
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.tensor1d([0.3, 0.4]), aux: null });
 * const [{ grads }] = scaleByTrustRatio().update(gradient, null, tf.tensor1d([6, 8]), null);
 * console.log([...grads.dataSync()].map(Math.round)); // => [ 6, 8 ]
 * ```
 */
export function scaleByTrustRatio(): GradientTransformation<null> {
  return stateless(
    (updates, params) =>
      map2(updates, params, (u, w) => {
        const length = norm(w);
        // Stretched from max|u|: the ratio itself overflows for short updates.
        const { tree: stretched, norm: before } = normalized(u, length);
        const defined = tf.logicalAnd(tf.notEqual(before, 0), tf.notEqual(length, 0));
        return tf.where(defined, stretched, u);
      }),
    call('scaleByTrustRatio'),
  );
}
