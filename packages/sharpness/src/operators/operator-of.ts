import { checkFunction, checkOptions } from '@steppe/check';
import { dispose, sum, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkLike, operator, type SymmetricOperator, type Wanted } from './operator.ts';

/** What an operator acts on. */
export type OperatorOptions = {
  /** Chooses the leaves that it acts on. @defaultValue all */
  readonly wanted?: Wanted;
};

/**
 * Makes an operator of any symmetric map of trees, such as a matrix that you have, so that spectra and traces can be
 * taken of it.
 *
 * Symmetry is not checked here: `topEigenvalues` shows a lack of it as a large bound.
 *
 * @param like - A tree with the structure and shapes of v.
 * @param multiply - Gives A·v, a new tree, at once or as a promise.
 * @throws When the tree holds no number, or `multiply` is no function; at a product, when v or A·v does not match the
 * tree, with the path, or A·v holds a NaN or an infinite number.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { operatorOf } from '@steppe/sharpness';
 *
 * const A = tf.tensor2d([[2, 1], [1, 2]]);
 * const operator = operatorOf(tf.zeros<tf.Rank.R1>([2]), (v) => tf.dot(A, v) as tf.Tensor1D);
 * const product = await operator.multiply(tf.tensor1d([1, 1]));
 * console.log(product.arraySync(), operator.dimension); // => [ 3, 3 ] 2
 * ```
 */
export function operatorOf<P extends Tree>(
  like: P,
  multiply: (v: P) => P | Promise<P>,
  options: OperatorOptions = {},
): SymmetricOperator<P> {
  // A promise is welcome here.
  if (typeof multiply !== 'function') checkFunction('multiply', multiply);
  checkOptions('operatorOf', options, { wanted: checkFunction });
  const { wanted = () => true } = options;
  return operator(like, wanted, async (v) => {
    const product = await multiply(v);
    let probe: Tensor | undefined;
    try {
      checkLike('A·v', product, like);
      probe = sum(product);
      const [total] = await probe.data();
      if (!Number.isFinite(total)) throw new Error(`A·v is not finite, it sums to ${total}.`);
    } catch (error) {
      dispose(product);
      throw error;
    } finally {
      dispose(probe);
    }
    return product;
  });
}
