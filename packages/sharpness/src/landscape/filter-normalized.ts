import { checkOptions, oneOf } from '@steppe/check';
import { map2, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** How a direction is made comparable to the weights that it changes. */
export type FilterOptions = {
  /**
   * What becomes of leaves of rank 0 and 1, biases and the scales of normalizations: `'zero'` leaves them where they are;
   * `'whole'` takes each as one filter. @defaultValue `'zero'`
   */
  readonly vectors?: 'zero' | 'whole';
};

/** As in the code of Li et al.: a filter of zeros stays one. */
const epsilon = 1e-10;

/** ‖·‖₂ over all dimensions but the last, whose entries are the filters. */
function normOfFilters(kernel: Tensor): Tensor {
  const others = Array.from({ length: kernel.rank - 1 }, (_, i) => i);
  return tf.sqrt(tf.sum(tf.square(kernel), others, true));
}

function normalized(d: Tensor, w: Tensor, vectors: 'zero' | 'whole'): Tensor {
  if (d.size === 0) return tf.clone(d);
  if (d.rank > 1) return tf.mul(d, tf.div(normOfFilters(w), tf.add(normOfFilters(d), epsilon)));
  return vectors === 'zero' ? tf.zerosLike(d) : tf.mul(d, tf.div(tf.norm(w), tf.add(tf.norm(d), epsilon)));
}

/**
 * Rescales a direction filter by filter to the length of the weights, so that a step of 1 changes every filter by its own
 * length, however large the network has grown it.
 *
 * d_f ← d_f · ‖w_f‖ / (‖d_f‖ + 10⁻¹⁰) for every filter f, a slice along the last dimension of a kernel: what leads to
 * one output channel of `[height, width, in, out]`, to one unit of `[in, out]`. Where the next normalization undoes the
 * scale of a filter, landscapes along such directions do not depend on that scale.
 *
 * @param direction - A tree like the parameters: random, a Hessian eigenvector, the difference of two runs.
 * @returns A new tree.
 * @throws When the trees differ.
 * @see Li et al., Visualizing the Loss Landscape of Neural Nets, 2018, section 4 (arXiv 1712.09913).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { filterNormalized } from '@steppe/sharpness';
 *
 * const params = { kernel: tf.tensor2d([[3, 0], [4, 2]]), bias: tf.tensor1d([1, 1]) };
 * const direction = { kernel: tf.tensor2d([[1, 5], [0, 0]]), bias: tf.tensor1d([7, 7]) };
 * const { kernel, bias } = filterNormalized(direction, params);
 * console.log(kernel.arraySync(), bias.arraySync()); // => [ [ 5, 2 ], [ 0, 0 ] ] [ 0, 0 ]
 * ```
 */
export function filterNormalized<P extends Tree>(direction: P, params: Tree, options: FilterOptions = {}): P {
  checkOptions('filterNormalized', options, { vectors: oneOf('zero', 'whole') });
  const { vectors = 'zero' } = options;
  return pure(() =>
    map2(direction, params, (d, w, path) => {
      if (tf.util.arraysEqual(d.shape, w.shape)) return normalized(d, w, vectors);
      throw new Error(`Trees differ at "${path || '.'}": shapes [${d.shape}] and [${w.shape}].`);
    }),
  );
}
