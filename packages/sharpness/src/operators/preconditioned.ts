import { dispose, type Tree, times } from '@steppe/tree';
import { checkLike, checkOperator, operator, type SymmetricOperator } from './operator.ts';

/**
 * Rescales an operator on both sides by a diagonal: v ↦ s∘A(s∘v).
 *
 * With s = |w| and the Hessian it is that of the adaptive measures, ∇²L∘|w||w|ᵀ, which does not change when the weights
 * of one layer of a relu network are multiplied by c and those of the next are divided by it.
 *
 * @param scale - s, with the structure and shapes of the parameters; it stays the caller's, and must live as long as the operator is used.
 * @throws When s does not match the parameters, with the path.
 * @see Kwon et al., ASAM, ICML 2021, equation 1; Andriushchenko et al., A modern look at the relationship between
 * sharpness and generalization, ICML 2023, section 3.1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf, preconditioned } from '@steppe/sharpness';
 *
 * const w = tf.tensor1d([1, -2]);
 * const A = operatorOf(w, (v) => tf.mul(v, tf.tensor1d([5, 5])));
 * const product = await preconditioned(A, tf.abs(w)).multiply(tf.tensor1d([1, 1]));
 * console.log(product.arraySync()); // => [ 5, 20 ]
 * ```
 */
export function preconditioned<P extends Tree>(A: SymmetricOperator<P>, scale: P): SymmetricOperator<P> {
  checkOperator(A);
  checkLike('scale', scale, A.like);
  return operator(A.like, A.wanted, async (v) => {
    const inside = times(scale, v);
    try {
      const product = await A.multiply(inside);
      try {
        return times(scale, product);
      } finally {
        dispose(product);
      }
    } finally {
      dispose(inside);
    }
  });
}
