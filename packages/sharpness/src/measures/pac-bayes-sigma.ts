import { aNumber, type Check, checkFunction, checkOptions, count, positive, refusal, share } from '@steppe/check';
import { type Key, key as keyOf } from '@steppe/random';
import { map2, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Batches, type PassOptions, passOver } from '../examples.ts';
import { aKey } from '../spectrum/estimate.ts';
import { around, type MovingOptions } from './around.ts';
import { normalLike, overDraws } from './draws.ts';
import { type Figure, figureOver } from './figure.ts';
import { meanOf } from './mean.ts';
import { movingOptions } from './near.ts';

/** How σ is searched for. */
export type PacBayesOptions<P extends Tree, Batch> = PassOptions<Batch> &
  Pick<MovingOptions<P>, 'wanted'> & {
    /** By how much the accuracy drops at σ. @defaultValue 0.1 */
    readonly drop?: number;
    /** How near the drop must come. @defaultValue 0.01 */
    readonly tolerance?: number;
    /** The largest σ that is tried. @defaultValue 2 */
    readonly most?: number;
    /** Halvings of the interval. @defaultValue 15 */
    readonly steps?: number;
    /** Draws of the noise at each σ. @defaultValue 10 */
    readonly samples?: number;
    /** What it is drawn by; every σ sees the same draws. @defaultValue key(0) */
    readonly key?: Key;
    /** ε: the noise of weight w then has the variance σ²w² + ε², in proportion to its size; the authors take 0.001.
     * @defaultValue none: every weight has the variance σ² */
    readonly magnitude?: number;
  };

/** The noise that the accuracy bears. */
export type PacBayesSigma = {
  /** 1/σ², the flatness that is compared: large is sharp; `null` where σ was not reached. */
  readonly value: number | null;
  /** The σ that was found, or the last one that was tried. */
  readonly sigma: number;
  /** The mean drop of the accuracy at σ, and its standard error over draws. */
  readonly drop: number;
  readonly standardError: number | null;
  /** Whether the search ended at the drop; false where it ran out of steps, or even the largest σ drops less. */
  readonly reached: boolean;
  /** The accuracy at w itself. */
  readonly accuracy: number;
  readonly losses: number;
};

const checkMagnitude: Check = (name, value) => {
  if (!(typeof value === 'number' && value >= 0 && value < 1)) throw refusal(name, 'a number in [0, 1)', value);
};

/**
 * Finds the noise that a network bears: the σ at which normal noise on the weights costs 0.1 of the accuracy in the mean,
 * by bisection on [0, 2]; 1/σ² is the sharpness of PAC-Bayes bounds.
 *
 * The noise has the standard deviation σ, where a widely used code draws with σ² in its place. Batch normalization is
 * to be folded into the weights before, since it undoes a change of scale. `pacBayesBound` makes bounds of σ. It costs
 * 1 + `samples` passes for each σ, at most 1 + `steps`·`samples`.
 *
 * @param accuracy - The share of right answers in a batch, a scalar in [0, 1].
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @throws When an option is unknown or out of range, or `wanted` chooses no leaf.
 * @see Jiang et al., ICLR 2020, and Dziugaite et al., In Search of Robust Measures of Generalization, NeurIPS 2020.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { pacBayesSigma } from '@steppe/sharpness';
 *
 * // Right as long as the weight stays above 0: a quarter of the draws are wrong at σ = 1.4826.
 * const accuracy = (w: tf.Tensor1D, x: tf.Tensor1D) => tf.mean(tf.cast(tf.greater(tf.mul(w, x), 0), 'float32'));
 * const { sigma } = await pacBayesSigma(accuracy, tf.tensor1d([1]), [tf.ones<tf.Rank.R1>([4])], {
 *   drop: 0.25, samples: 100, tolerance: 0.02,
 * });
 * console.log(sigma > 1 && sigma < 2); // => true
 * ```
 */
export async function pacBayesSigma<P extends Tree, Batch extends Tree>(
  accuracy: Figure<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: PacBayesOptions<P, Batch> = {},
): Promise<PacBayesSigma> {
  const { scale: _, ...moving } = movingOptions;
  checkOptions('pacBayesSigma', options, {
    ...moving,
    drop: aNumber(share),
    tolerance: aNumber(positive),
    most: aNumber(positive),
    steps: aNumber(count),
    samples: aNumber(count),
    key: aKey,
    magnitude: checkMagnitude,
  });
  checkFunction('accuracy', accuracy);
  const { drop: wished = 0.1, tolerance = 0.01, most = 2, steps = 15, samples = 10, ...others } = options;
  const { key = keyOf(0), magnitude, wanted, ...passing } = others;
  const pass = passOver('pacBayesSigma', batches, passing);
  const near = around('pacBayesSigma', params, { wanted });
  const before = await figureOver(accuracy, pass, params);
  if (!(before >= 0 && before <= 1))
    throw refusal('What accuracy gives', 'a share of right answers, in [0, 1]', before);
  let losses = 1;

  const moved = (sigma: number, sample: number): P =>
    pure(() => {
      const still = near.moving(params);
      const noise = map2(still, normalLike(still, key, sample), (w, z) => {
        const deviation =
          magnitude === undefined ? sigma : tf.sqrt(tf.add(tf.mul(tf.square(w), sigma ** 2), magnitude ** 2));
        return tf.mul(z, deviation);
      });
      return near.at(noise);
    });
  const dropAt = async (sigma: number) => {
    const after = await overDraws(
      samples,
      (sample) => moved(sigma, sample),
      (w) => figureOver(accuracy, pass, w),
    );
    losses += samples;
    return meanOf(after.map((value) => before - value));
  };

  let [low, high] = [0, most];
  let sigma = most / 2;
  let found = await dropAt(sigma);
  for (let step = 1; step < steps && Math.abs(found.value - wished) > tolerance; step++) {
    if (found.value > wished) high = sigma;
    else low = sigma;
    sigma = (low + high) / 2;
    found = await dropAt(sigma);
  }
  const { value: drop, standardError } = found;
  const reached = Math.abs(drop - wished) <= tolerance;
  return { value: reached ? 1 / sigma ** 2 : null, sigma, drop, standardError, reached, accuracy: before, losses };
}
