import { aNumber, belowOne, checkNumber, checkOptions, nonNegative, positive } from '@steppe/check';
import { type Key, key, split } from '@steppe/random';
import { addScaled, decayed, map, map2, scaled, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { checkSeed } from './random.ts';
import { samplePosterior } from './sample-posterior.ts';

/**
 * The state of bSAM: the mean gradient, and the posterior's precision 1/σ² of every weight, N·s, each with the
 * structure of the parameters; and the key of the next draw. The posterior's mean are the parameters.
 */
export type BsamState = Count & { readonly key: Key; readonly momentum: Tree; readonly precision: Tree };

export type BsamOptions = {
  /** N > 0, the examples of the training set, which say how narrow the posterior is; the authors count augmented ones
   * more than once. */
  readonly examples: number;
  /** δ ≥ 0, the precision of the prior for each example: decay of the weights. @defaultValue 0 */
  readonly weightDecay?: number;
  /** γ ≥ 0, added to the precision for each example. @defaultValue 0.1 */
  readonly damping?: number;
  /** s₀ > 0, the precision for each example at the start. @defaultValue 1 */
  readonly initial?: number;
  /** β₁, the decay of the mean gradient, in [0, 1). @defaultValue 0.9 */
  readonly b1?: number;
  /** β₂, the decay of the precision, in [0, 1). @defaultValue 0.999 */
  readonly b2?: number;
  /** Of the draws. @defaultValue 0 */
  readonly seed?: number;
};

/**
 * Makes Bayesian SAM, which learns a normal posterior over the weights, N(w, 1/(N·s)): g = ∇L(θ) at a draw θ of it,
 * m ← β₁m + (1-β₁)(∇L(w + ρ·g/s) + δw), gives m/s, and s ← β₂s + (1-β₂)(√s·|g| + δ + γ).
 *
 * `chain(bsam(rho, options), scale(-rate))` is the whole optimizer. The posterior is there to be used: its mean are the
 * weights, its precision is `state.precision`, and `samplePosterior` draws from it. In slices, by `microBatch` behind
 * it, every slice has its own ε and all share the draw. The order is that of the authors' code, which divides by the s
 * of before the step; the paper's algorithm is also read so that s goes first. There is no correction of bias.
 *
 * Loss, aux and report are those of the draw; the report gains `perturbedLoss` L(w + ε) and `rho`.
 *
 * @param rho - ρ ≥ 0, the scale of the perturbation ρ·g/s, or a schedule of it.
 * @throws When `examples` is not given, or rho or an option is out of range.
 * @see Möllenhoff & Khan, SAM as an Optimal Relaxation of Bayes, ICLR 2023, Algorithm 1;
 * team-approx-bayes/bayesian-sam.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { norm } from '@steppe/tree';
 * import { bsam, chain, scale } from '@steppe/transforms';
 *
 * const optimizer = chain(bsam(0.01, { examples: 1000, weightDecay: 0.01 }), scale(-0.5));
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.tensor1d([3, 4]);
 * const [, [{ precision }]] = optimizer.update(gradient, optimizer.init(w), w, null);
 * console.log(Math.round(norm(precision, Infinity).arraySync())); // => 1007
 * ```
 */
export function bsam(rho: number | Schedule, options: BsamOptions): GradientTransformation<BsamState> {
  checkRho(rho);
  checkOptions('bsam', options, {
    examples: aNumber(positive),
    weightDecay: aNumber(nonNegative),
    damping: aNumber(nonNegative),
    initial: aNumber(positive),
    b1: aNumber(belowOne),
    b2: aNumber(belowOne),
    seed: checkSeed,
  });
  const { examples, weightDecay = 0, damping = 0.1, initial = 1, b1 = 0.9, b2 = 0.999, seed = 0 } = options;
  checkNumber('examples of bsam', examples, positive);
  return transformation({
    ...call('bsam', rho, options),
    uphill: true,
    gradientCost: 2,
    init: (params): BsamState => ({
      ...zeroCount(),
      key: key(seed),
      momentum: zerosLike(params),
      precision: map(params, (w) => tf.fill(w.shape, initial * examples)),
    }),
    update(gradient, state, params, batch) {
      const [now, next] = split(state.key);
      const radius = valueAt(rho, state);
      const s = scaled(state.precision, 1 / examples);
      const drawn = gradient(samplePosterior(params, state.precision, now), batch);
      const epsilon = map2(drawn.grads, s, (g, each) => tf.mul(radius, tf.div(g, each)));
      const perturbed = gradient(applyUpdates(params, epsilon), batch);
      const momentum = decayed(state.momentum, addScaled(perturbed.grads, weightDecay, params), b1);
      const mean = map2(perturbed.grads, momentum, (_, m) => m);
      const grads = map2(mean, s, (m, each) => tf.div(m, each));
      const curvature = map2(drawn.grads, s, (g, each) =>
        tf.add(tf.mul(tf.sqrt(each), tf.abs(g)), weightDecay + damping),
      );
      const precision = scaled(decayed(s, curvature, b2), examples);
      return [
        { ...drawn, grads, report: { ...drawn.report, perturbedLoss: perturbed.value, rho: radius } },
        { ...increment(state), key: next, momentum, precision },
      ];
    },
  });
}
