import { aNumber, checkFunction, checkNumber, checkOptions, count, positive, refusal } from '@steppe/check';
import { foldIn, key as keyOf } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { type Estimate, type EstimateOptions, estimateOptions, meanOf } from './estimate.ts';
import { onHost } from './host.ts';
import { type Krylov, lanczos } from './lanczos.ts';
import { unit } from './probes.ts';
import { ritz } from './tridiagonal.ts';

/** How a density is estimated: `steps` × `probes` products. */
export type DensityOptions = EstimateOptions & {
  /** How many steps of Lanczos each probe makes, and so how many nodes it has. @defaultValue 40 */
  readonly steps?: number;
  /** How many random vectors; the standard error needs two. @defaultValue 4 */
  readonly probes?: number;
};

/** A density at the points of a grid, and its standard error at each, infinite where there is one probe. */
export type Curve = { readonly density: readonly number[]; readonly standardError: readonly number[] };

/** How the eigenvalues of an operator are distributed. */
export type SpectralDensity = {
  /** The dimension of the operator. */
  readonly dimension: number;
  /** For each probe, where its point masses lie, from the least to the largest. */
  readonly nodes: readonly (readonly number[])[];
  /** For each probe, the share of each node; these add up to 1. */
  readonly weights: readonly (readonly number[])[];
  /** The least and the largest node. */
  readonly range: readonly [least: number, largest: number];
  /** How many products it took. */
  readonly products: number;
  /** The density of λ, smoothed by a Gaussian of the width. */
  readonly at: (grid: readonly number[], width: number) => Curve;
  /** The density of log₁₀|λ|, smoothed by a Gaussian of the width; eigenvalues that are 0 lie below every grid. */
  readonly logAt: (grid: readonly number[], width: number) => Curve;
  /** Σ f(λ) over all eigenvalues, the trace of f(A). */
  readonly sum: (f: (eigenvalue: number) => number) => Estimate;
};

/** The masses of one probe. */
type Masses = { readonly nodes: readonly number[]; readonly weights: readonly number[] };

/** The quadrature of one probe: the eigenvalues of T, and the squares of the first entries of their vectors. */
async function massesOf(steps: AsyncIterable<Krylov>, most: number): Promise<Masses> {
  let last: Krylov | undefined;
  for await (const krylov of steps) {
    last = krylov;
    if (krylov.alphas.length === most) break;
  }
  const all = ritz((last as Krylov).alphas, (last as Krylov).betas);
  return { nodes: all.map(({ value }) => value), weights: all.map(({ vector }) => (vector[0] as number) ** 2) };
}

/** Σ w·f(θ) over the masses. */
const integral = ({ nodes, weights }: Masses, f: (node: number) => number): number =>
  nodes.reduce((sum, node, i) => ((weights[i] as number) === 0 ? sum : sum + (weights[i] as number) * f(node)), 0);

function curve(
  masses: readonly Masses[],
  place: (node: number) => number,
  grid: readonly number[],
  width: number,
): Curve {
  checkNumber('width', width, positive);
  if (!Array.isArray(grid) || !grid.every(Number.isFinite)) throw refusal('grid', 'a list of finite numbers', grid);
  const points = grid.map((x) => {
    const bell = (node: number) => Math.exp(-0.5 * ((x - place(node)) / width) ** 2) / (width * Math.sqrt(2 * Math.PI));
    return meanOf(masses.map((each) => integral(each, bell)));
  });
  return { density: points.map(({ value }) => value), standardError: points.map((point) => point.standardError) };
}

/**
 * Estimates how the eigenvalues of an operator are distributed, by stochastic Lanczos quadrature.
 *
 * Each probe is a random unit vector; Lanczos turns it into nodes θ and weights that integrate every polynomial of
 * degree below 2·steps as the probe itself would, and the mean over the probes is the spectrum's. The outermost nodes
 * are eigenvalues soonest. The result is plain data and functions of it, so any grid and width can be drawn without
 * further products.
 *
 * @throws When an option is wrong, or a product fails; in `at` and `logAt`, when the grid is no list of numbers or the
 * width not above 0.
 * @see Ghorbani, Krishnan, Xiao, An investigation into neural net optimization via Hessian eigenvalue density, ICML
 * 2019, algorithm 1; Ubaru, Chen, Saad, Fast estimation of tr(f(A)) via stochastic Lanczos quadrature, SIMAX 2017.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf, spectralDensity } from '@steppe/sharpness';
 *
 * const A = operatorOf(tf.zeros<tf.Rank.R1>([4]), (v) => tf.mul(v, tf.tensor1d([1, 1, 3, 3])));
 * const density = await spectralDensity(A);
 * console.log(density.nodes[0]?.map((node) => node.toFixed(3)), density.products); // => [ '1.000', '3.000' ] 8
 * const { density: heights } = density.at([1, 2, 3], 0.1);
 * console.log((heights[1] ?? 1) < 1e-9); // => true
 * ```
 */
export async function spectralDensity<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: DensityOptions = {},
): Promise<SpectralDensity> {
  checkOperator(operator);
  checkOptions('spectralDensity', options, { ...estimateOptions, steps: aNumber(count), probes: aNumber(count) });
  const { probes = 4, key = keyOf(0), onProgress } = options;
  const { dimension } = operator;
  const steps = Math.min(options.steps ?? 40, dimension);
  const host = onHost(operator, steps * probes, onProgress);
  const masses: Masses[] = [];
  for (let i = 0; i < probes; i++)
    masses.push(await massesOf(lanczos(host.multiply, unit(foldIn(key, i), dimension)), steps));
  const nodes = masses.map((each) => each.nodes);
  return {
    dimension,
    nodes,
    weights: masses.map(({ weights }) => weights),
    range: [Math.min(...nodes.flat()), Math.max(...nodes.flat())],
    products: host.products(),
    at: (grid, width) => curve(masses, (node) => node, grid, width),
    logAt: (grid, width) => curve(masses, (node) => Math.log10(Math.abs(node)), grid, width),
    sum: (f) => {
      checkFunction('f', f);
      const sums = masses.map((each) => dimension * integral(each, f));
      return { ...meanOf(sums), products: host.products() };
    },
  };
}
