import { aNumber, checkOptions, count, refusal } from '@steppe/check';
import { map2, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, zeroCount } from '../links/counted.ts';
import { stateful } from '../links/lift.ts';
import { applyUpdates } from './apply-updates.ts';

/** The running average of the weights; evaluate the model with it, its batch statistics estimated anew. */
export type AverageState = Count & { readonly average: Tree };

export type AverageOptions = {
  /** `'equal'`: every sample counts the same (SWA). A number β in [0, 1): the exponential mean (EMA). @defaultValue
   * 'equal' */
  readonly decay?: 'equal' | number;
  /** The steps before the first sample; until then the average is the current weights. @defaultValue 0 */
  readonly start?: number;
  /** Steps from sample to sample. @defaultValue 1 */
  readonly every?: number;
};

/**
 * Keeps an average of the weights along the way, as the last link of a chain; the steps themselves pass unchanged.
 *
 * Samples are the weights after the step, w + u. SWA: ā ← (n·ā + w)/(n + 1) with n samples so far; EMA: ā ← β·ā + (1 -
 * β)·w.
 *
 * @throws When an option is out of its range.
 * @see Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018, Algorithm 1;
 * Polyak & Juditsky 1992.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { averageWeights, chain, scale } from '@steppe/transforms';
 *
 * const optimizer = chain(scale(-1), averageWeights());
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(1), aux: null }); // w falls by 1 at each step
 * const [, first] = optimizer.update(gradient, optimizer.init(tf.scalar(0)), tf.scalar(0), null);
 * const [, [, second]] = optimizer.update(gradient, first, tf.scalar(-1), null);
 * console.log((second.average as tf.Tensor).arraySync()); // => -1.5
 * ```
 */
export function averageWeights(options: AverageOptions = {}): GradientTransformation<AverageState> {
  checkOptions('averageWeights', options, {
    decay(name, decay) {
      if (decay !== 'equal' && !(typeof decay === 'number' && decay >= 0 && decay < 1))
        throw refusal(name, `"equal" or a number in [0, 1)`, decay);
    },
    start: aNumber(['a whole number of steps', (steps) => Number.isInteger(steps) && steps >= 0]),
    every: aNumber(count),
  });
  const { decay = 'equal', start = 0, every = 1 } = options;
  return stateful(
    (params): AverageState => ({ ...zeroCount(), average: params }),
    (updates, state, params) => {
      const since = tf.cast(tf.sub(state.count, start), 'float32');
      const isSample = tf.equal(tf.mod(since, every), 0);
      // At a sample, how many there were before: one at `start`, and one each `every` steps.
      const samples = tf.div(since, every);
      const weight =
        decay === 'equal' ? tf.div(1, tf.add(tf.relu(samples), 1)) : tf.where(tf.lessEqual(since, 0), 1, 1 - decay);
      const before = tf.less(since, 0);
      const average = map2(state.average, applyUpdates(params, updates), (a, w) => {
        const sampled = tf.add(a, tf.mul(tf.sub(w, a), weight));
        return tf.where(before, w, tf.where(isSample, sampled, a));
      });
      return [updates, { ...increment(state), average }];
    },
    call('averageWeights', { decay, start, every }),
  );
}
