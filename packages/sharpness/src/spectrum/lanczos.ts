import { inner, takeOut, unitOf, type Vector } from './host.ts';

/** What Lanczos' recurrence has found so far: A·Q = Q·T + rest, T tridiagonal. */
export type Krylov = {
  /** Q: orthonormal vectors, as the operator got them. */
  readonly basis: readonly Float32Array[];
  /** The diagonal of T, and what stands beside it. */
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** The length of the part of the last product that lies outside of Q; 0 where Q spans an invariant space. */
  readonly residual: number;
  /** How far products are from those of a symmetric matrix, as a Frobenius norm: the parts of A·q_j along q_i, i < j - 1,
   * that exact arithmetic leaves at 0. */
  readonly asymmetry: number;
};

/** What counts as nothing beside the largest number of T: the rounding of float32 products. */
const NOTHING = 2e-6;

/**
 * Runs the recurrence of Lanczos with full reorthogonalization, and tells of each step.
 *
 * Products are those of the operator; all else is in float64. It ends when its vectors span an invariant space, which
 * `again` may leave with a new one, or as many vectors as there are dimensions.
 *
 * @param again - Gives a further vector to go on with in a new space, by its number.
 * @see Golub, Van Loan, Matrix Computations, 4th edition, section 10.3.
 */
export async function* lanczos(
  multiply: (x: Float32Array) => Promise<Float64Array>,
  start: Float32Array,
  again?: (number: number) => Vector,
): AsyncGenerator<Krylov, void, undefined> {
  const basis: Float32Array[] = [];
  const [alphas, betas]: [number[], number[]] = [[], []];
  let [q, strays, largest] = [start, 0, 0];
  while (true) {
    const w = await multiply(q);
    basis.push(q);
    const j = basis.length - 1;
    const along = takeOut(w, basis);
    // Twice is enough: what the first time leaves by rounding.
    const rest = takeOut(w, basis);
    alphas.push((along[j] as number) + (rest[j] as number));
    for (let i = 0; i < j; i++) strays += ((along[i] as number) - (i === j - 1 ? (betas[i] as number) : 0)) ** 2;
    const residual = Math.sqrt(inner(w, w));
    largest = Math.max(largest, Math.abs(alphas[j] as number), residual);
    const ended = residual <= NOTHING * largest;
    const full = basis.length === q.length;
    yield { basis, alphas, betas, residual: ended || full ? 0 : residual, asymmetry: Math.sqrt(strays) };
    if (full || (ended && again === undefined)) return;
    if (ended && again !== undefined) {
      // A new direction outside of the space: T falls apart there.
      strays += residual ** 2;
      betas.push(0);
      w.set(again(basis.length));
      takeOut(w, basis);
      takeOut(w, basis);
    } else betas.push(residual);
    q = unitOf(w);
  }
}
