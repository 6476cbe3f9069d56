import { aNumber, belowOne, checkOptions, nonNegative, share } from '@steppe/check';
import { bernoulli, foldIn, type Key, key, split } from '@steppe/random';
import { decayed, fillLike, map, map2, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, HessianProduct, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled } from '../links/check-link.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { biasCorrection } from '../optimizers/moments.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { periodic } from './interval.ts';
import { checkSeed } from './random.ts';

/**
 * The state of SASSHA: the phase decides what runs, so it is a plain number; `mean` is of the gradients, `diagonal` of
 * the magnitudes of the Hessian's diagonal, and the key is of the next probe.
 */
export type SasshaState = Count & {
  readonly phase: number;
  readonly mean: Tree;
  readonly diagonal: Tree;
  readonly key: Key;
};

export type SasshaOptions = {
  /** n, steps from one estimate of the diagonal to the next. @defaultValue 10 */
  readonly every?: number;
  /** β₁, the decay of the mean gradient, in [0, 1). @defaultValue 0.9 */
  readonly b1?: number;
  /** β₂, the decay of the mean diagonal, in [0, 1). @defaultValue 0.999 */
  readonly b2?: number;
  /** Added to what is divided by. @defaultValue 1e-4 */
  readonly epsilon?: number;
  /** The power of the diagonal that is divided by, in (0, 1], or a schedule of it. @defaultValue 0.5 */
  readonly power?: number | Schedule;
  /** Of the probes. @defaultValue 0 */
  readonly seed?: number;
};

/** |diag H| at a point by one random vector of signs: |z ⊙ H·z|, which is |H·z|. */
function diagonalOf<P extends Tree, Batch extends Tree>(
  hvp: HessianProduct<P, Batch>,
  at: P,
  batch: Batch,
  probe: Key,
): P {
  const signs = fillLike(at, (shape, i) => tf.sub(tf.mul(bernoulli(foldIn(probe, i), 0.5, shape), 2), 1));
  return map(hvp(at, batch, signs), (product) => tf.abs(product));
}

/**
 * Divides the mean of SAM's gradients by the root of the mean curvature of each weight, both at w + ε̂:
 * m ← β₁m + (1-β₁)g′, D ← β₂D + (1-β₂)|z ⊙ H(w + ε̂)z| at every n-th step with random signs z, and gives
 * (m/(1-β₁ᵗ)) / ((D/(1-β₂ᵗ))^½ + ε).
 *
 * g′ = ∇L(w + ε̂) is SAM's with p = 2, and both evaluations and the product are its own, so it stands where SAM would;
 * `addDecayedWeights` behind it is the decoupled decay of the paper. An estimate costs a Hessian product.
 *
 * The t of D is that of its last estimate, and counts steps as in the authors' code, though D moves only at every n-th:
 * for some n/(1-β₂) steps what is divided by is up to √n too small. Their code differs in the point of the product: it
 * puts w back, in place, before it takes it, so that the weights in it are w and the activations those of w + ε̂; here
 * both are of w + ε̂, as in the paper.
 *
 * The report gains `perturbedLoss` L(w + ε̂) and `rho`.
 *
 * @param rho - The radius ρ ≥ 0, or a schedule of it.
 * @throws When rho or an option is out of range; at an update, when what stands before it has no `hvp`.
 * @see Shin et al., SASSHA: Sharpness-aware Adaptive Second-order Optimization with Stable Hessian Approximation,
 * ICML 2025, Algorithm 1; LOG-postech/Sassha.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, sassha, scale } from '@steppe/transforms';
 *
 * const optimizer = chain(sassha(0.2, { every: 10 }), addDecayedWeights(5e-4), scale(-0.15));
 * console.log(optimizer.gradientCost); // => 2.2
 * ```
 */
export function sassha(rho: number | Schedule, options: SasshaOptions = {}): GradientTransformation<SasshaState> {
  checkRho(rho);
  checkOptions('sassha', options, {
    every: periodic,
    b1: aNumber(belowOne),
    b2: aNumber(belowOne),
    epsilon: aNumber(nonNegative),
    power: (name, value) => checkScheduled(name, value, share),
    seed: checkSeed,
  });
  const { every = 10, b1 = 0.9, b2 = 0.999, epsilon = 1e-4, power = 0.5, seed = 0 } = options;
  return transformation({
    ...call('sassha', rho, options),
    uphill: true,
    gradientCost: 2 + 2 / every,
    costAt: (step) => (step % every === 0 ? 4 : 2),
    init: (params): SasshaState => ({
      ...zeroCount(),
      phase: 0,
      mean: zerosLike(params),
      diagonal: zerosLike(params),
      key: key(seed),
    }),
    update(gradient, state, params, batch) {
      const hvp = requireHvp(gradient, 'sassha');
      const radius = valueAt(rho, state);
      const clean = gradient(params, batch);
      const at = applyUpdates(params, ascent(clean.grads, radius, 2).epsilon);
      const perturbed = gradient(at, batch);
      const [probe, rest] = split(state.key);
      const fresh = state.phase === 0;
      const diagonal = fresh ? decayed(state.diagonal, diagonalOf(hvp, at, batch, probe), b2) : state.diagonal;
      const mean = decayed(state.mean, perturbed.grads, b1);
      const next = increment(state);
      const exponent = valueAt(power, state);
      const meanScale = biasCorrection(b1, next);
      const diagonalScale = biasCorrection(b2, { count: tf.sub(next.count, tf.scalar(state.phase, 'int32')) });
      const unbiased = map2(perturbed.grads, mean, (_, m) => tf.div(m, meanScale));
      const grads = map2(unbiased, diagonal, (m, d) =>
        tf.div(m, tf.add(tf.pow(tf.div(d, diagonalScale), exponent), epsilon)),
      );
      return [
        { ...clean, grads, report: { ...clean.report, perturbedLoss: perturbed.value, rho: radius } },
        { ...next, phase: (state.phase + 1) % every, mean, diagonal, key: fresh ? rest : state.key },
      ];
    },
  });
}
