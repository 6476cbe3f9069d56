import { comparableRadius, longestPerturbation } from '@steppe/transforms';

/** How many weights the network of the page has, which a test holds against the network. */
export const WEIGHTS = 77_562;

/**
 * Over how many entries the gradient of this network is spread evenly, as far as its largest entry tells: (‖g‖₂ /
 * ‖g‖∞)², measured along a run. Below p = 2 the largest entries decide what ε̂ is.
 */
const LARGE_ENTRIES = 170;

const spread = (p: number): number => (p < 2 ? LARGE_ENTRIES : WEIGHTS);

/** A radius for p = 2 that trains. */
const USUAL = 0.2;

/** Keeps two digits, all that a rule of thumb is worth. */
const rounded = (x: number): number => Number(x.toPrecision(2));

/** Gives the radius for p = 2 that means about as much as ρ means for another p. */
export const euclideanRadius = (rho: number, p: number): number => rounded(rho / comparableRadius(1, p, spread(p)));

/** Gives the radius for the norm `to` that means about as much as ρ means for the norm `from`. */
export const radiusFor = (rho: number, from: number, to: number): number =>
  from === to ? rho : rounded(comparableRadius(euclideanRadius(rho, from), to, spread(to)));

/** Says so, with the remedy, where ε̂ is longer than the weights: SAM then asks at a point that has little to do with
 * them. */
export function tooFar(rho: number, p: number, weights: number): string | undefined {
  const length = longestPerturbation(rho, p, WEIGHTS);
  if (!(length > weights)) return undefined;
  const norm = p === Number.POSITIVE_INFINITY ? '∞' : p;
  return `With ρ = ${rho} and p = ${norm}, ε̂ is ${rounded(length)} long and the weights are ${rounded(weights)}: SAM leaves the network behind. Take ρ = ${radiusFor(USUAL, 2, p)} for this p.`;
}
