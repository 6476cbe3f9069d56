import { aNumber, checkNumber, checkOptions, finite, nonNegative, type Rule, refusal } from '@steppe/check';
import { asScalar, dot, norm, plus, scaled, type Tree, unit } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';
import { updateWithClean } from '../links/with-clean.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { periodic } from './interval.ts';

/**
 * Turns one direction toward another on the sphere: slerp(v₀, v₁; α) = sin((1-α)θ)/sin θ·v₀ + sin(αθ)/sin θ·v₁, θ the
 * angle between the unit vectors v₀ and v₁. α = 0 gives v₀, α = 1 gives v₁, α > 1 goes on beyond. The cosine is
 * clamped; nearly parallel directions are mixed linearly.
 */
export function slerp<P extends Tree>(from: P, to: P, alpha: number | Scalar): P {
  if (!(alpha instanceof tf.Tensor)) checkNumber('alpha', alpha, finite);
  const cosine = tf.clipByValue(dot(from, to), -1, 1);
  const theta = tf.acos(cosine);
  const parallel = tf.less(tf.sin(theta), 1e-4);
  const sine = tf.where(parallel, 1, tf.sin(theta));
  const rest = tf.sub(1, alpha);
  const first = asScalar(tf.where(parallel, rest, tf.div(tf.sin(tf.mul(rest, theta)), sine)));
  const second = asScalar(tf.where(parallel, alpha, tf.div(tf.sin(tf.mul(alpha, theta)), sine)));
  return plus(scaled(from, first), scaled(to, second));
}

/** The state of XSAM: the phase decides what runs, so it is a plain number; α is the last one probed. */
export type XsamState = { readonly phase: number; readonly sam: Count; readonly alpha: Scalar };

export type XsamOptions = {
  /** Where the loss is probed, as a distance from w. @defaultValue 2ρ, for a number ρ */
  readonly rhoMax?: number;
  /** The α that are probed. @defaultValue 0, 0.25, … 2 */
  readonly alphas?: readonly number[];
  /** Steps from probe to probe. @defaultValue 100 */
  readonly probeEvery?: number;
};

const distance: Rule = ['a number of at least 0', nonNegative[1]];

function checkAlphas(name: string, alphas: unknown): void {
  if (!Array.isArray(alphas)) throw refusal(name, 'a list of numbers', alphas);
  if (alphas.length === 0) throw new Error('xsam needs at least one alpha to probe, got none.');
  for (const alpha of alphas) checkNumber('An alpha of xsam', alpha, finite);
}

/**
 * Makes extended SAM, which follows the direction in which the loss near w is really the highest, among those between
 * and beyond the gradient at w and the gradient at w + ε̂: g ↦ ‖g₁‖·slerp(ĝ₀, ĝ₁; α), g₁ = ∇L(w + ε̂).
 *
 * α is probed at every `probeEvery`-th step: the one with the largest L(w + ρ_max·slerp(ĝ₀, ĝ₁; α)). α = 1 is SAM. A
 * probe costs a gradient for each α. X-SAM of arXiv 2601.10251, by the top eigenvector, is another method:
 * `eigenCorrectedSam`.
 *
 * @param rho - As for `samTransform`.
 * @throws When an option is out of range, or rho is a schedule and `rhoMax` is not given.
 * @see Towards Understanding and Improving SAM by the direction of the maximum (XSAM), arXiv 2603.10048.
 *
 * @example
 * ```ts
 * import { chain, sgd, xsam } from '@steppe/transforms';
 *
 * console.log(chain(xsam(0.05, { alphas: [0.5, 1, 1.5], probeEvery: 30 }), sgd(0.1)).gradientCost); // => 2.1
 * ```
 */
export function xsam(rho: Radius, options: XsamOptions = {}): GradientTransformation<XsamState> {
  checkOptions('xsam', options, { rhoMax: aNumber(distance), alphas: checkAlphas, probeEvery: periodic });
  const { alphas = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2], probeEvery = 100 } = options;
  const rhoMax = options.rhoMax === undefined && typeof rho === 'number' ? 2 * rho : options.rhoMax;
  const sam = samTransform(rho);
  if (rhoMax === undefined)
    throw new Error('rhoMax must be a number of at least 0 when rho is a schedule, got nothing.');
  return transformation({
    ...call('xsam', rho, options),
    uphill: true,
    gradientCost: 2 + alphas.length / probeEvery,
    costAt: (step) => 2 + (step % probeEvery === 0 ? alphas.length : 0),
    init: (params): XsamState => ({ phase: 0, sam: sam.init(params), alpha: tf.scalar(1) }),
    update(gradient, state, params, batch) {
      const { clean, evaluation, next } = updateWithClean(sam, gradient, state.sam, params, batch);
      const [from, to] = [unit(clean), unit(evaluation.grads)];
      const probe = (): Scalar => {
        const losses = alphas.map(
          (alpha) => gradient(applyUpdates(params, scaled(slerp(from, to, alpha), rhoMax)), batch).value,
        );
        return tf.reshape<tf.Rank.R0>(tf.gather(tf.tensor1d([...alphas]), tf.argMax(tf.stack(losses))), []);
      };
      const alpha = state.phase === 0 ? probe() : state.alpha;
      const grads = scaled(slerp(from, to, alpha), norm(evaluation.grads));
      return [
        { ...evaluation, grads, report: { ...evaluation.report, alpha } },
        { phase: (state.phase + 1) % probeEvery, sam: next, alpha },
      ];
    },
  });
}
