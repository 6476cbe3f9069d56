import type { Tree } from '@steppe/tree';
import type { Model } from './model.ts';

/**
 * Makes a network that normalizes by its running statistics in training, too, and leaves them as they are: what the
 * paper does when it finetunes pretrained networks.
 *
 * All else of training stays: dropout and drop path are drawn from the key, gradients flow. A batch of one example is as
 * good as any, and each example's output depends on that example alone.
 *
 * @param model - Any network of this package; one of your own must honour `statistics` of `ApplyOptions`.
 * @see Foret et al., Sharpness-aware minimization (2021), section 3.2 (arXiv:2010.01412).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { frozenStatistics, wideResNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = frozenStatistics(wideResNet({ depth: 10, width: 1, classes: 10 }));
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [, next] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true });
 * console.log(tf.max(tf.sub(next.norm.mean, state.norm.mean)).arraySync()); // => 0
 * ```
 */
export function frozenStatistics<Params extends Tree, State extends Tree>(
  model: Model<Params, State>,
): Model<Params, State> {
  return {
    ...model,
    apply: (params, state, images, options) =>
      model.apply(params, state, images, { ...options, statistics: 'running' }),
  };
}
