import { readScalars } from '@steppe/train';
import { comparableRadius, longestPerturbation } from '@steppe/transforms';
import { dispose, norm, type Tree } from '@steppe/tree';
import type { Resolved } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import { grouped } from '../report/format.ts';

/** The radius at another norm that is worth as much as a radius at its own norm, for n parameters. */
const comparable = ({ rho, p }: Pick<Options, 'rho' | 'p'>, to: number, n: number): number =>
  comparableRadius(rho / comparableRadius(1, p, n), to, n);

const short = (n: number): number => Number(n.toPrecision(3));

/** A norm as one types it. */
export const shownNorm = (p: number): string => (p === Number.POSITIVE_INFINITY ? 'inf' : String(p));

/**
 * Gives a run whose norm was changed without a radius the radius that is comparable, and says so.
 *
 * @param n - The number of parameters.
 */
export function settleRadius(
  { options, radiusOf }: Resolved,
  n: number,
): { readonly options: Options; readonly notes: readonly string[] } {
  if (radiusOf === undefined) return { options, notes: [] };
  const rho = short(comparable(radiusOf, options.p, n));
  const note = `rho is ${rho}: at p = ${shownNorm(options.p)} that is comparable to ${radiusOf.rho} at p = ${shownNorm(radiusOf.p)} (${grouped(n)} parameters); --rho chooses another`;
  return { options: { ...options, rho }, notes: [note] };
}

/** ‖w‖₂ as a number. */
export async function lengthOf(params: Tree): Promise<number> {
  const length = norm(params);
  try {
    return (await readScalars({ length })).length ?? Number.NaN;
  } finally {
    dispose(length);
  }
}

/** How much of the weights ε̂ may be long before it is no neighborhood any more. */
const sensible = 0.5;

/** What to do about a radius that reaches too far. */
function adviceOn(p: number, n: number): string {
  if (p > 2) return `--rho ${short(comparable({ rho: 0.05, p: 2 }, p, n))} is comparable to 0.05 at p = 2`;
  if (p === 2) return 'the paper finds 0.05 good for most';
  return 'below p = 2 a few weights go all the way: try a smaller --rho';
}

/**
 * Warns of a radius that reaches far beyond the weights: such a run learns little, and the reason does not show.
 *
 * @param n - The number of parameters.
 * @param length - ‖w‖₂ where the run starts.
 */
export function warnOfRadius({ rho, p }: Options, n: number, length: number): readonly string[] {
  const reach = longestPerturbation(rho, p, n);
  if (reach <= sensible * length) return [];
  const advice = adviceOn(p, n);
  return [
    `note: with --rho ${rho} and --p ${shownNorm(p)} SAM looks up to ${reach.toFixed(1)} away from weights that are ${length.toFixed(1)} long; ${advice}`,
  ];
}
