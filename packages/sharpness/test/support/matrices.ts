import { key, normals } from '@steppe/random';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { operatorOf, type SymmetricOperator } from '../../src/index.ts';
import { toTree, toVector } from '../../src/spectrum/host.ts';

/** A matrix with some eigenvalues, and vectors of every direction. */
export function withEigenvalues(eigenvalues: readonly number[], seed: number): Matrix {
  const n = eigenvalues.length;
  const Q = new QrDecomposition(Matrix.from1DArray(n, n, normals(key(seed), n * n))).orthogonalMatrix;
  return Q.mmul(Matrix.diag([...eigenvalues])).mmul(Q.transpose());
}

/** A matrix as an operator on two leaves, one of which is a matrix where there is room. */
export function operatorOfMatrix(A: Matrix): SymmetricOperator<{ readonly a: tf.Tensor; readonly b: tf.Tensor }> {
  const n = A.rows;
  const rows = n > 3 ? 2 : 1;
  const matrix = tf.tensor2d(A.to2DArray());
  const like = { a: tf.zeros([rows, 1]), b: tf.zeros([n - rows]) };
  return operatorOf(like, ({ a, b }) =>
    tf.tidy(() => {
      const product = tf.dot(matrix, tf.concat1d([tf.reshape(a, [rows]), b as tf.Tensor1D]));
      return { a: tf.reshape(tf.slice(product, 0, rows), [rows, 1]), b: tf.slice(product, rows) };
    }),
  );
}

/** The matrix of an operator, by its products with all unit vectors. */
export async function matrixOf<P extends Tree>(operator: SymmetricOperator<P>): Promise<Matrix> {
  const columns: number[][] = [];
  for (let i = 0; i < operator.dimension; i++) {
    const v = toTree(
      operator,
      Float32Array.from({ length: operator.dimension }, (_, j) => (i === j ? 1 : 0)),
    );
    const product = await operator.multiply(v);
    columns.push([...(await toVector(operator, product))]);
    dispose(v, product);
  }
  return new Matrix(columns);
}

/** The eigenvalues of a symmetric matrix, from the largest to the least. */
export const eigenvaluesOf = (A: Matrix): readonly number[] =>
  new EigenvalueDecomposition(A.clone().add(A.transpose()).mul(0.5), { assumeSymmetric: true }).realEigenvalues.sort(
    (a, b) => b - a,
  );

/** The most that two lists differ. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(0, ...a.map((x, i) => Math.abs(x - (b[i] as number)))) : Number.POSITIVE_INFINITY;
