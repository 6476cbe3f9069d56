import { aNumber, checkFunction, checkOptions, count, oneOf } from '@steppe/check';
import { cosine, leaves, plus, type Tree } from '@steppe/tree';
import type { GradientTransformation, Report, Schedule, Select } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkLink, checkScheduled } from '../links/check-link.ts';
import { costOf } from '../links/cost.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { checkSelection } from '../links/select.ts';
import { transformation } from '../links/transformation.ts';
import { type Adaptive, checkAdaptive } from './adaptive.ts';
import { ballOf, type GroupRadii, type Radius } from './ball.ts';
import { certificate } from './certificate.ts';
import { neighborhood } from './neighborhood.ts';
import { checkNorm } from './norm-exponent.ts';
import { hessianTerm } from './second-order.ts';
import { tangentLoss } from './tangent-loss.ts';

/** What SAM does beyond the paper's equation (3). */
export type SamOptions<in Seen extends Tree = Tree> = {
  /**
   * 1 drops the term through ε̂, as the paper does. 2 keeps it: the exact derivative of w ↦ L(w + ε̂(w)), by one
   * Hessian product; needs a gradient function with `hvp`, and adds `orderCosine` to the report, the cosine of the two
   * gradients.
   * @defaultValue 1
   */
  readonly order?: 1 | 2;
  /**
   * Steps of projected gradient ascent to the worst point; the first is equation (2), and each further one goes along
   * the gradient, as far as ε̂ is long, and back to the nearest point of the p-ball.
   * @defaultValue 1
   */
  readonly steps?: number;
  /** Adaptive SAM, by weight or by layer: the neighborhood scales with the weights, ‖T⁻¹ε‖ₚ ≤ ρ; or Fisher SAM, in the
   * metric of squared gradients. @defaultValue none */
  readonly adaptive?: Adaptive;
  /** The leaves that move; the norm is over them. SAM-ON moves those of normalization layers. @defaultValue all */
  readonly perturb?: Select;
  /**
   * A link without a state that the gradients of the ascent go through, the first one of the step among them, as they do
   * through links before SAM: `inPrecision('default')` or `firstExamples(0.25)` makes the ascent cheap, and the descent
   * stays exact. Value, aux and the states of the links before SAM are then those of this evaluation at w.
   * @defaultValue none
   */
  readonly ascent?: GradientTransformation<Tree, Seen>;
  /** Adds to the report how good the step to w + ε̂ was (`certificate` lists the entries). @defaultValue false */
  readonly certificate?: boolean;
};

/**
 * Refuses a radius that is neither a number of at least 0 nor a schedule, at construction.
 *
 * @throws When it is something else, or a schedule that says it becomes negative.
 *
 * @example
 * ```ts
 * import { checkRho } from '@steppe/transforms/parts';
 *
 * try {
 *   checkRho('0.05');
 * } catch (error) {
 *   console.log((error as Error).message); // => rho must be a number or a schedule, got "0.05".
 * }
 * ```
 */
export function checkRho(rho: unknown): void {
  checkScheduled('rho', rho);
}

/** Refuses what the gradients of an ascent cannot go through. */
function checkAscent(name: string, ascent: unknown): void {
  checkLink(name, ascent);
  if (ascent.sign === -1 || ascent.sign === 'unknown')
    throw new Error(`${name} must leave the gradient uphill, got ${ascent.name ?? 'a link'}: SAM would descend.`);
}

/** Refuses an ascent that remembers: SAM has no place for its state. */
function checkNoState({ ascent }: SamOptions<never>, params: Tree): void {
  if (ascent && leaves(ascent.init(params)).length > 0)
    throw new Error(
      `ascent must be a link without a state, got ${ascent.name ?? 'a link'}: put it before SAM in the chain.`,
    );
}

function checkSamOptions(options: SamOptions<never>): void {
  checkOptions('samTransform', options, {
    order: oneOf(1, 2),
    steps: aNumber(count),
    adaptive: checkAdaptive,
    perturb: checkFunction,
    ascent: checkAscent,
    certificate: oneOf(true, false),
  });
  const { order, steps = 1, adaptive } = options;
  const other = steps > 1 ? `steps: ${steps}` : options.ascent ? 'ascent' : adaptive?.by === 'fisher' && "by: 'fisher'";
  if (order === 2 && other) throw new Error(`order: 2 differentiates through one ascent step, got ${other}.`);
}

/**
 * Replaces the gradient by the one at the worst point nearby, as a link of a chain: g_SAM = ∇L(w + ε̂(w)).
 *
 * Evaluates at w, steps to w + ε̂(w), evaluates there with the same batch and the same upstream states, and returns
 * the clean evaluation with the second gradient: loss, aux (batch statistics) and states are those at w. w itself is
 * never moved, so nothing is restored. What stands before it in the chain is part of the loss that both passes see;
 * what stands behind it sees the SAM gradient. ρ = 0 is the chain without it, bit for bit; it still costs the second
 * pass.
 *
 * The report gains `perturbedLoss` L(w + ε̂), `tangentLoss` L(w + ε̂) - ⟨g_SAM, ε̂⟩, which `polyak` steps by, `gradientNorm` ‖g‖_q (the dual norm; of T_w g when adaptive),
 * `epsilonHatNorm` ‖ε̂‖ₚ (of T_w⁻¹ε̂ when adaptive) and `rho`. It costs 1 + `steps` gradients, those of the ascent as many
 * as `ascent` costs; order 2 costs a Hessian product more.
 *
 * @param rho - The radius ρ ≥ 0 of the neighborhood, a schedule of it, or `byGroup(...)`. The paper's default is 0.05, for p = 2;
 * `comparableRadius` gives the like for another p.
 * @param p - The norm of the neighborhood, 1 ≤ p ≤ Infinity. The paper finds p = 2 best.
 * @throws When rho is negative or not finite, p is below 1, or an option is unknown or out of range; at `init`, when
 * `perturb` chooses no leaf or `ascent` keeps a state; at an update, when order 2 lacks `hvp`.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, equations (2) and (3), Algorithm 1; Kwon et al., ICML
 * 2021, and Kim et al., Fisher SAM, ICML 2022, for `adaptive`; Mueller et al., Normalization Layers Are All That Sharpness-Aware Minimization Needs, NeurIPS
 * 2023, for `perturb`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { samTransform } from '@steppe/transforms';
 *
 * const sam = samTransform(0.5, 2);
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads, value, report }] = sam.update(gradient, sam.init(w), w, null);
 * console.log([...grads.dataSync()].map((x) => x.toFixed(1))); // => [ '6.6', '8.8' ]
 * console.log(value.arraySync(), report?.perturbedLoss?.arraySync().toFixed(2)); // => 25 30.25
 * ```
 */
export function samTransform<Seen extends Tree = Tree>(
  rho: Radius,
  p = 2,
  options: SamOptions<Seen> = {},
): GradientTransformation<Count, Seen> {
  const groups: Partial<GroupRadii> = Object(rho);
  if (!groups.ballAt) checkRho(rho);
  checkNorm(p);
  checkSamOptions(options);
  const { order = 1, steps = 1, ascent } = options;
  return transformation<Count, Seen>({
    ...call('samTransform', rho, p, options),
    ...costOf([ascent ?? { gradientCost: 1 }], ([cost = 1]) => steps * cost + (order === 2 ? 3 : 1)),
    uphill: true,
    init(params) {
      groups.check?.(params);
      checkNoState(options, params);
      if (options.perturb) checkSelection('perturb of samTransform', params, options.perturb);
      if (options.adaptive?.select) checkSelection('select of adaptive', params, options.adaptive.select);
      return zeroCount();
    },
    update(gradient, state, params, batch) {
      const hvp = order === 2 && requireHvp(gradient, 'order: 2', 'samTransform');
      const ball = groups.ballAt?.(state, p) ?? ballOf(valueAt(rho as number | Schedule, state), p);
      const uphill = (at: typeof params) =>
        ascent ? ascent.update(gradient, ascent.init(at), at, batch)[0] : gradient(at, batch);
      const clean = uphill(params);
      const near = neighborhood(params, clean.grads, ball, options);
      const worst = ball.ascend(near.slope(clean.grads));
      let { epsilon } = worst;
      for (let i = 1; i < steps; i++) epsilon = ball.climb(epsilon, near.slope(uphill(near.at(epsilon)).grads));
      const perturbed = gradient(near.at(epsilon), batch);
      const grads = hvp
        ? plus(perturbed.grads, hessianTerm(near, hvp, batch, clean.grads, perturbed.grads, epsilon))
        : perturbed.grads;
      const step = near.stretch(epsilon);
      const report: Report = {
        ...clean.report,
        perturbedLoss: perturbed.value,
        // The exact derivative is that of w ↦ L(w + ε̂(w)), at w itself.
        tangentLoss: hvp ? perturbed.value : tangentLoss(perturbed, near.moving(perturbed.grads), step),
        ...worst.report,
        ...(steps > 1 && ball.measure('epsilonHatNorm', epsilon)),
        ...(options.certificate && {
          ...ball.measure('epsilonNorm', step),
          ...certificate(step, near.moving, params, worst.rise, clean, perturbed),
        }),
        ...(hvp && { orderCosine: cosine(perturbed.grads, grads) }),
      };
      return [{ ...clean, grads, report }, increment(state)];
    },
  });
}
