import { aNumber, checkOptions, nonNegative, positive, share } from '@steppe/check';
import { foldIn, key, normal, split } from '@steppe/random';
import { addScaled, decayed, fillLike, minus, scaled } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { increment, zeroCount } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';
import { periodic } from './interval.ts';
import { checkSeed, type RandomState } from './random.ts';

export type EntropySgdOptions = {
  /** L, Langevin steps of the inner loop. @defaultValue 20 */
  readonly steps?: number;
  /** γ > 0, the scope: how strongly the inner loop is held near w. @defaultValue 0.03 */
  readonly gamma?: number;
  /** η′ > 0, the step size of the inner loop. @defaultValue 0.1 */
  readonly stepSize?: number;
  /** The size of the noise of the inner loop. @defaultValue 1e-4 */
  readonly noise?: number;
  /** α in (0, 1], the weight of a new point in the mean μ; the authors' code has 0.25. @defaultValue 0.25 */
  readonly alpha?: number;
  /** Of the noise. @defaultValue 0 */
  readonly seed?: number;
};

/**
 * Replaces the gradient by that of the local entropy, which is high in wide valleys: g ↦ γ·(w - μ), with μ the mean of
 * a Langevin walk near w: x ← x - η′·(∇L(x) - γ·(w - x)) + √η′·noise·z, μ ← (1 - α)·μ + α·x.
 *
 * It costs L gradients, all of the step's batch. Loss, aux and upstream states are those at w, where the walk begins.
 * The authors' code draws a new batch for each step of the walk, has √2 times the noise and leaves out the factor γ of
 * the result.
 *
 * @throws When an option is out of its range.
 * @see Chaudhari et al., Entropy-SGD: Biasing Gradient Descent Into Wide Valleys, ICLR 2017, Algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, entropySgd, scale } from '@steppe/transforms';
 *
 * console.log(chain(entropySgd({ steps: 20 }), scale(-1)).gradientCost); // => 20
 * ```
 */
export function entropySgd(options: EntropySgdOptions = {}): GradientTransformation<RandomState> {
  checkOptions('entropySgd', options, {
    steps: periodic,
    gamma: aNumber(positive),
    stepSize: aNumber(positive),
    noise: aNumber(['at least 0', nonNegative[1]]),
    alpha: aNumber(share),
    seed: checkSeed,
  });
  const { steps = 20, gamma = 0.03, stepSize = 0.1, noise = 1e-4, alpha = 0.25, seed = 0 } = options;
  return transformation({
    ...call('entropySgd', options),
    uphill: true,
    gradientCost: steps,
    init: (): RandomState => ({ ...zeroCount(), key: key(seed) }),
    update(gradient, state, params, batch) {
      const [next, ...keys] = split(state.key, steps + 1);
      const clean = gradient(params, batch);
      let point = params;
      let mean = params;
      for (const [i, step] of keys.entries()) {
        const grads = i === 0 ? clean.grads : gradient(point, batch).grads;
        const drift = addScaled(grads, -gamma, minus(params, point));
        const walked = addScaled(point, -stepSize, drift);
        point = addScaled(
          walked,
          Math.sqrt(stepSize) * noise,
          fillLike(params, (shape, j) => normal(foldIn(step, j), shape)),
        );
        mean = decayed(mean, point, 1 - alpha);
      }
      return [
        { ...clean, grads: scaled(minus(params, mean), gamma) },
        { ...increment(state), key: next ?? state.key },
      ];
    },
  });
}
