import { aNumber, checkOptions, count as countRule, oneOf, positive, refusal } from '@steppe/check';
import { foldIn, type Key, key as keyOf } from '@steppe/random';
import { dispose, type Tree } from '@steppe/tree';
import { checkOperator, type SymmetricOperator } from '../operators/operator.ts';
import { type EstimateOptions, estimateOptions } from './estimate.ts';
import { addTo, inner, onHost, toTree, toVector, unitOf } from './host.ts';
import { type Krylov, lanczos } from './lanczos.ts';
import { unit } from './probes.ts';
import { type Ritz, ritz } from './tridiagonal.ts';

/** How eigenvalues are looked for. */
export type EigenvalueOptions<P extends Tree> = EstimateOptions & {
  /** How many. @defaultValue 5 */
  readonly count?: number;
  /** Which: the largest, the least, or those of the largest magnitude. @defaultValue 'largest' */
  readonly which?: 'largest' | 'least' | 'magnitude';
  /** How small every bound must be, relative to the largest magnitude of those that are asked for; the rounding of
   * float32, 4·10⁻⁶ of the largest in the spectrum, is always allowed. @defaultValue 1e-3 */
  readonly tolerance?: number;
  /** The most products that may be spent. @defaultValue 100 */
  readonly products?: number;
  /** What was found before, at parameters nearby: the search then starts in the space of these vectors. */
  readonly from?: Pick<TopEigenvalues<P>, 'values' | 'vector'> | undefined;
};

/** Eigenvalues at one end of a spectrum. */
export type TopEigenvalues<P extends Tree> = {
  /** From the outermost inward. */
  readonly values: readonly number[];
  /** For each, how far an eigenvalue of the operator is away at most, as its products were computed: ‖A·y - θ·y‖. */
  readonly bounds: readonly number[];
  /** Whether all bounds are within the tolerance; if not, more products are needed. */
  readonly converged: boolean;
  /** How many products it took. */
  readonly products: number;
  /** Makes the i-th eigenvector, of length 1, a tree of tensors, the caller's to free. */
  readonly vector: (i: number) => P;
};

const order = {
  largest: (a: Ritz, b: Ritz) => b.value - a.value,
  least: (a: Ritz, b: Ritz) => a.value - b.value,
  magnitude: (a: Ritz, b: Ritz) => Math.abs(b.value) - Math.abs(a.value),
};

/** What products in float32 are off, relative to the largest eigenvalue. */
const ROUNDING = 4e-6;

const largestOf = (all: readonly Ritz[]): number => Math.max(...all.map(({ value }) => Math.abs(value)));

/** ‖A·y - θ·y‖ of y = Q·s: what the last product has outside of Q, and what no symmetric matrix would have within. */
const boundOf = ({ residual, asymmetry }: Krylov, { vector }: Ritz): number =>
  residual * Math.abs(vector.at(-1) as number) + asymmetry;

/** The sum of the vectors that were found before. */
async function startFrom<P extends Tree>(
  operator: SymmetricOperator<P>,
  { values, vector }: Pick<TopEigenvalues<P>, 'values' | 'vector'>,
): Promise<Float32Array> {
  const sum = new Float64Array(operator.dimension);
  for (const i of values.keys()) {
    const tree = vector(i);
    try {
      addTo(sum, 1, await toVector(operator, tree));
    } finally {
      dispose(tree);
    }
  }
  if (!(inner(sum, sum) > 0)) throw refusal('from', 'what topEigenvalues gave for the same leaves', { values });
  return unitOf(sum);
}

/** Runs Lanczos until the eigenvalues are within the tolerance, or the products are spent. */
async function search(
  steps: AsyncIterable<Krylov>,
  {
    count,
    which,
    tolerance,
    products,
  }: { count: number; which: keyof typeof order; tolerance: number; products: number },
): Promise<{ readonly krylov: Krylov; readonly found: readonly Ritz[]; readonly converged: boolean }> {
  // Each look at T takes the cube of the steps: looked at ever more seldom, it stays small beside the products.
  let next = count;
  for await (const krylov of steps) {
    const done = krylov.alphas.length;
    const last = done === products || done === krylov.basis[0]?.length;
    if (done < next && !last) continue;
    next = Math.max(done + 1, Math.ceil(1.04 * done));
    const all = ritz(krylov.alphas, krylov.betas);
    const found = [...all].sort(order[which]).slice(0, count);
    const allowed = Math.max(tolerance * largestOf(found), ROUNDING * largestOf(all));
    const converged = found.length === count && found.every((each) => boundOf(krylov, each) <= allowed);
    if (converged || last) return { krylov, found, converged };
  }
  throw new Error('Lanczos ended before its steps were made.');
}

/**
 * Finds the outermost eigenvalues of an operator, and their vectors, by Lanczos' method with full reorthogonalization
 * in float64 on the host.
 *
 * A bound is the length of A·y - θ·y: some eigenvalue is no farther from θ, and for one that is apart from the others
 * by a gap δ the distance is about bound²/δ. Products in float32 hold about 10⁻⁶ of the largest eigenvalue, whatever
 * the tolerance. An eigenvalue that stands several times is found as often as the space runs out of other directions,
 * at the latest when all are found. Memory on the host: products × dimension × 4 bytes.
 *
 * @throws When an option is wrong, `count` is above the dimension or `products`, or a product fails.
 * @see Golub, Van Loan, Matrix Computations, 4th edition, chapter 10; Parlett, The Symmetric Eigenvalue Problem,
 * theorem 4.5.1, for the bound.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf, topEigenvalues } from '@steppe/sharpness';
 *
 * const diagonal = tf.tensor1d([1, 2, 3, 4]);
 * const A = operatorOf(tf.zerosLike(diagonal), (v) => tf.mul(v, diagonal));
 * const { values, bounds, products, vector } = await topEigenvalues(A, { count: 2 });
 * console.log(values.map((value) => value.toFixed(3)), bounds.every((bound) => bound < 1e-3), products); // => [ '4.000', '3.000' ] true 4
 * const top = vector(0);
 * console.log(Array.from(top.dataSync(), (x) => Math.round(Math.abs(x)))); // => [ 0, 0, 0, 1 ]
 * ```
 */
export async function topEigenvalues<P extends Tree>(
  operator: SymmetricOperator<P>,
  options: EigenvalueOptions<P> = {},
): Promise<TopEigenvalues<P>> {
  checkOperator(operator);
  checkOptions('topEigenvalues', options, {
    ...estimateOptions,
    count: aNumber(countRule),
    which: oneOf(...Object.keys(order)),
    tolerance: aNumber(positive),
    products: aNumber(countRule),
    from: () => undefined,
  });
  const { count = 5, which = 'largest', tolerance = 1e-3, from, key = keyOf(0), onProgress } = options;
  const { dimension } = operator;
  const products = Math.min(options.products ?? 100, dimension);
  if (count > dimension) throw refusal('count', `at most the dimension of the operator, ${dimension}`, count);
  if (count > products) throw refusal('products', `at least count, ${count}`, products);
  const host = onHost(operator, products, onProgress);
  const start = from ? await startFrom(operator, from) : unit(key, dimension);
  const again = (number: number) => unit(foldIn(key satisfies Key, number), dimension);
  const { krylov, found, converged } = await search(lanczos(host.multiply, start, again), {
    count,
    which,
    tolerance,
    products,
  });
  return {
    values: found.map(({ value }) => value),
    bounds: found.map((each) => boundOf(krylov, each)),
    converged,
    products: host.products(),
    vector: (i) => {
      const each = found[i];
      if (each === undefined) throw refusal('i', `a whole number from 0 to ${found.length - 1}`, i);
      const y = new Float64Array(dimension);
      for (const [j, s] of each.vector.entries()) addTo(y, s, krylov.basis[j] as Float32Array);
      return toTree(operator, unitOf(y));
    },
  };
}
