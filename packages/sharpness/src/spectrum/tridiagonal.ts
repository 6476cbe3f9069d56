import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** An eigenvalue of a tridiagonal matrix T, and its unit vector. */
export type Ritz = { readonly value: number; readonly vector: readonly number[] };

/** The eigenvalues of the symmetric tridiagonal T with their vectors, from the least to the largest. */
export function ritz(alphas: readonly number[], betas: readonly number[]): readonly Ritz[] {
  const n = alphas.length;
  const T = Matrix.zeros(n, n);
  for (const [i, alpha] of alphas.entries()) T.set(i, i, alpha);
  for (const [i, beta] of betas.slice(0, n - 1).entries()) {
    T.set(i, i + 1, beta);
    T.set(i + 1, i, beta);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(T, { assumeSymmetric: true });
  return realEigenvalues
    .map((value, i) => ({ value, vector: eigenvectorMatrix.getColumn(i) }))
    .sort((a, b) => a.value - b.value);
}
