import { refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { across, averagesOf, type MeanAcross } from '../layers/across.ts';
import type { Model } from './model.ts';

/**
 * Makes a network whose batch normalizations take mean and variance over the batches of all workers in training: with
 * small batches a worker, statistics of its own are noisy.
 *
 * μ = Σ nᵣ·μᵣ / Σ nᵣ and σ² = Σ nᵣ·meanᵣ((x - μ)²) / Σ nᵣ, exact in two passes, and the gradient goes through both. Then
 * `allReduceMean` gives what one process gives with the whole batch, within the rounding of float32. Every
 * normalization sends its statistics twice a pass, and twice in its gradient, `channels` numbers each, and waits for the
 * others; all workers apply the network equally often. Evaluation sends nothing.
 *
 * Without it each worker normalizes by its own batch, as in the SAM paper. Networks of your own are synchronized where
 * they call `batchNorm` inside of `apply`.
 *
 * @param mean - The mean over all workers: `meanAcross(world)` of `@steppe/distributed`.
 * @throws When the model or the mean is none; in `apply`, where values come later only, as on WebGPU.
 *
 * @example
 * ```ts
 * import { syncBatchNorm, wideResNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const alone = (values: Float32Array) => values; // meanAcross(world()) of '@steppe/distributed' in a world of several
 * const model = syncBatchNorm(wideResNet({ depth: 10, width: 1, classes: 10 }), alone);
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true });
 * console.log(logits.shape); // => [ 2, 10 ]
 * ```
 */
export function syncBatchNorm<Params extends Tree, State extends Tree>(
  model: Model<Params, State>,
  mean: MeanAcross,
): Model<Params, State> {
  if (typeof Object(model).apply !== 'function' || typeof Object(model).init !== 'function')
    throw refusal('model', 'a network, such as wideResNet({ ... })', model);
  if (typeof mean !== 'function') throw refusal('mean', 'meanAcross(world) of @steppe/distributed', mean);
  const averages = averagesOf(mean);
  return {
    init: model.init,
    apply: (params, state, images, options) => across(averages, () => model.apply(params, state, images, options)),
  };
}
