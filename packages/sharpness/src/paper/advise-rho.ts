import { checkNumber, checkOptions, type Rule, refusal } from '@steppe/check';
import { isResolved } from '../measures/resolution.ts';
import type { RhoCurve, RhoPoint } from '../measures/rho-curve.ts';

/** What counts as broken. */
export type AdviseOptions = {
  /** The linear model is broken where the rise is more than this many times what it promises, or less than its inverse.
   * @defaultValue 2 */
  readonly factor?: number;
};

/** Where SAM's linear model breaks, and what follows for ρ. */
export type RhoAdvice = {
  /** The radius at which the ratio leaves the range, between two radii in proportion of logarithms; `null` where it does
   * not at any radius of the curve, or does at all. */
  readonly breaksAt: number | null;
  /** The largest radius of the curve below it; `null` where there is none. */
  readonly suggested: number | null;
  /** The advice in one sentence. */
  readonly words: string;
};

const aboveOne: Rule = ['a finite number above 1', (x) => x > 1 && Number.isFinite(x)];

/** Whether there is more to a point than rounding: a promise that is large and not kept is. */
const tells = ({ rise, promised, resolution }: RhoPoint): boolean =>
  isResolved(Math.max(Math.abs(rise), promised), resolution);

const shown = (x: number): string => String(Number(x.toPrecision(2)));

/** Where log ratio, between two points, passes the limit that it passes first. */
function crossing(before: RhoPoint, after: RhoPoint, factor: number): number {
  const limit = after.linearizationRatio > 1 ? factor : 1 / factor;
  const [a, b] = [before.linearizationRatio, after.linearizationRatio];
  // A rise that has turned negative has no logarithm, and lies beyond in any case.
  const share = b <= 0 ? (a - limit) / (a - b) : (Math.log(limit) - Math.log(a)) / (Math.log(b) - Math.log(a));
  return before.rho * (after.rho / before.rho) ** Math.min(1, Math.max(0, share));
}

/**
 * Advises on ρ from a curve: the radius where SAM's linear model breaks, since the loss rises more than twice as much as
 * ρ‖g‖_q, or less than half as much, and the largest radius that was tried below it.
 *
 * Up to there ε̂ is about the worst point, and SAM does what its derivation says. It is no promise of generalization:
 * networks train well with larger radii too, and the ratio grows toward the end of training, where gradients are small.
 * Take it as where to begin a search on held-out data. Radii at which float32 tells no rise are left out.
 *
 * @param curve - As `rhoCurve` gives it, at weights in the middle of training rather than at the end.
 * @throws When the factor is not above 1, or the curve has no point with a promise, or none that float32 resolves.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, section 2 and appendix C.1, whose search is over 0.01 … 0.5.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { adviseRho, rhoCurve } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.square(w)), tf.mean(x)); // ratio 1 + ρ / (2‖w‖)
 * const curve = await rhoCurve(loss, tf.tensor1d([0.06, 0.08]), [tf.tensor1d([1, 1])]);
 * console.log(adviseRho(curve).suggested); // => 0.1
 * ```
 */
export function adviseRho(curve: RhoCurve, options: AdviseOptions = {}): RhoAdvice {
  checkOptions('adviseRho', options, ['factor']);
  const { factor = 2 } = options;
  checkNumber('factor', factor, aboveOne);
  const given: unknown = Object(curve).points;
  const isPoint = (point: unknown) =>
    ['rho', 'rise', 'promised', 'resolution', 'linearizationRatio'].every(
      (name) => typeof Object(point)[name] === 'number',
    );
  if (!Array.isArray(given) || !given.every(isPoint)) throw refusal('curve', 'what rhoCurve gives', curve);
  const promising = curve.points.filter(({ promised }) => promised > 0);
  const points = promising.filter(tells).sort((a, b) => a.rho - b.rho);
  const [first, last] = [points[0], points.at(-1)];
  if (promising.length > 0 && first === undefined)
    throw new Error(
      'adviseRho needs a rise that float32 tells from rounding, and at every radius both it and its promise are below the resolution: measure larger radii.',
    );
  if (first === undefined || last === undefined)
    throw new Error('adviseRho needs a point with a promised rise: the gradient is zero, or every radius is.');
  const broken = points.findIndex(({ linearizationRatio: r }) => !(r <= factor && r >= 1 / factor));
  const range = `between ${shown(1 / factor)} and ${shown(factor)} times the promise of the linear model`;
  if (broken < 0)
    return {
      breaksAt: null,
      suggested: last.rho,
      words: `At every radius up to ${shown(last.rho)} the loss rises ${range}: try ${shown(last.rho)}, and larger ones.`,
    };
  const after = points[broken] as RhoPoint;
  const before = points[broken - 1];
  const times = shown(after.linearizationRatio);
  if (before === undefined)
    return {
      breaksAt: null,
      suggested: null,
      words: `At the smallest radius, ${shown(first.rho)}, the loss already rises ${times} times as much as the linear model promises: measure smaller radii, or weights from earlier in training.`,
    };
  const breaksAt = crossing(before, after, factor);
  return {
    breaksAt,
    suggested: before.rho,
    words: `Up to ρ = ${shown(breaksAt)} or so the loss rises ${range}, at ${shown(after.rho)} ${times} times: begin a search at ${shown(before.rho)}.`,
  };
}
