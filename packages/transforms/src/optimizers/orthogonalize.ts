import { checkNumber, count } from '@steppe/check';
import { map, normalized, pure, type Tree } from '@steppe/tree';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** The quintic a·x + b·x³ + c·x⁵, steep at 0 and near 1 from there on: what Muon's authors chose. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/** A leaf as the matrix that Muon sees, [rest, out]: kernels end with their output channels, and less than two axes are
 * one row. */
export const matrixShape = ({ shape, size }: Tensor): [rest: number, out: number] => {
  const out = shape.at(-1) ?? 1;
  return [out === 0 ? 0 : size / out, out];
};

/** One step of X ↦ aX + (bG + cG²)X, G = XXᵀ; by the smaller of the two Gram matrices, which is the same. */
function newtonSchulz(x: Tensor2D): Tensor2D {
  const [rest, out] = x.shape;
  const tall = rest > out;
  const gram = tf.matMul(x, x, tall, !tall);
  const odd = tf.add(tf.mul(gram, B), tf.mul(tf.matMul(gram, gram), C)) as Tensor2D;
  return tf.add(tf.mul(x, A), tall ? tf.matMul(x, odd) : tf.matMul(odd, x));
}

/**
 * Turns every leaf as a matrix nearly into the orthogonal one nearest to it: U·S·Vᵀ ↦ U·S′·Vᵀ, all of S′ near 1, by
 * Newton-Schulz steps.
 *
 * X₀ = M/‖M‖_F, X ← aX + (bG + cG²)X with G = XXᵀ and (a, b, c) = (3.4445, -4.7750, 2.0315): each singular value s goes
 * to a·s + b·s³ + c·s⁵. After five steps those above a hundredth of ‖M‖_F lie in [0.68, 1.21]; the quintic swings around 1 and does not
 * converge to it. A kernel `[height, width, in, out]` is a matrix `[rest, out]`; a leaf of less than two axes is one row, and
 * gets a length near 1. Right for every float32 scale; zero stays zero.
 *
 * @param steps - How many Newton-Schulz steps. @defaultValue 5
 * @throws When steps is not a positive whole number.
 * @see Jordan et al., Muon, 2024, https://kellerjordan.github.io/posts/muon; optax.contrib.scale_by_muon.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { orthogonalize } from '@steppe/transforms';
 *
 * const { kernel } = orthogonalize({ kernel: tf.tensor2d([[30, 0], [0, 10]]) });
 * console.log([...kernel.dataSync()].map((x) => x.toFixed(2))); // => [ '0.75', '0.00', '0.00', '1.13' ]
 * ```
 */
export function orthogonalize<T extends Tree>(tree: T, steps = 5): T {
  checkNumber('steps', steps, count);
  return pure(() =>
    map(tree, (leaf) => {
      if (leaf.size === 0) return leaf;
      let x: Tensor2D = tf.reshape(normalized(leaf).tree, matrixShape(leaf));
      for (let step = 0; step < steps; step++) x = newtonSchulz(x);
      return tf.reshape(x, leaf.shape);
    }),
  );
}
