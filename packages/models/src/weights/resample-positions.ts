import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/** Keys' cubic with a = -1/2, which is 1 at 0 and 0 from 2 on. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t >= 2) return 0;
  return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2;
}

/** How much each of `from` places in a row gives to each of `to` places, `[to, from]`: cubic, and wider where there are
 * fewer places than before, so that none is passed over. */
function weights(from: number, to: number): Tensor2D {
  const scale = from / to;
  const width = Math.max(scale, 1);
  const rows = Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const [first, last] = [
      Math.max(0, Math.floor(center - 2 * width + 0.5)),
      Math.min(from, Math.floor(center + 2 * width + 0.5)),
    ];
    const row = Array.from({ length: from }, (_, j) =>
      j < first || j >= last ? 0 : cubic((j + 0.5 - center) / width),
    );
    const sum = row.reduce((all, weight) => all + weight, 0);
    return row.map((weight) => weight / sum);
  });
  return tf.tensor2d(rows, [to, from]);
}

/**
 * Interpolates position embeddings of a grid of patches for another one: bicubic with antialiasing, as timm's
 * `resample_abs_pos_embed` does; the first tokens, of no patch, stay.
 *
 * @param positions - `[1, prefix + rows·columns, features]`.
 * @returns `[1, prefix + rows·columns, features]` of the other grid.
 */
export function resamplePositions(positions: Tensor, prefix: number, from: Grid, to: Grid): Tensor {
  if (from.join() === to.join()) return positions;
  return tf.tidy(() => {
    const features = positions.shape[2] as number;
    const others = tf.slice(positions, [0, prefix, 0], [1, from[0] * from[1], features]);
    // Along the columns, then along the rows.
    const byColumn = tf.transpose(tf.reshape(others, [...from, features]) as Tensor3D, [1, 0, 2]);
    const wide = tf.matMul(weights(from[1], to[1]), tf.reshape(byColumn, [from[1], from[0] * features]));
    const byRow = tf.transpose(tf.reshape(wide, [to[1], from[0], features]), [1, 0, 2]);
    const both = tf.matMul(weights(from[0], to[0]), tf.reshape(byRow, [from[0], to[1] * features]));
    const placed = tf.reshape(both, [1, to[0] * to[1], features]);
    return tf.concat([tf.slice(positions, [0, 0, 0], [1, prefix, features]), placed], 1);
  });
}
