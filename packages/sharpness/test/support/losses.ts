import * as tf from '@tensorflow/tfjs';

/** A matrix by rows. */
export type Rows = readonly (readonly number[])[];

/** ⟨a, w⟩·mean(x). */
export const linear =
  (a: readonly number[]) =>
  (w: tf.Tensor, x: tf.Tensor): tf.Tensor =>
    tf.mul(tf.sum(tf.mul(w, tf.tensor1d([...a]))), tf.mean(x));

/** ½·wᵀAw·mean(x). */
export const quadratic =
  (rows: Rows) =>
  (w: tf.Tensor, x: tf.Tensor): tf.Tensor => {
    const column = tf.reshape(w, [-1, 1]);
    const curved = tf.matMul(tf.tensor2d(rows.map((row) => [...row])), column);
    return tf.mul(tf.sum(tf.mul(column, curved)), tf.mul(tf.mean(x), 0.5));
  };

/** BᵀB, which is positive semidefinite. */
export const squareOf = (b: Rows): Rows =>
  (b[0] ?? []).map((_, i) =>
    (b[0] ?? []).map((_, j) => b.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)),
  );

/** The largest eigenvalue of a positive semidefinite matrix, by power iteration in float64. */
export function lambdaMaxOf(a: Rows): number {
  let v = a.map((_, i) => 1 + i / 7);
  let value = 0;
  for (let i = 0; i < 3000; i++) {
    const image = a.map((row) => row.reduce((sum, x, j) => sum + x * (v[j] as number), 0));
    value = Math.hypot(...image);
    if (value === 0) return 0;
    v = image.map((x) => x / value);
  }
  return value;
}

/** The message that a promise is rejected with. */
export const refusalOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: Error) => error.message,
  );
