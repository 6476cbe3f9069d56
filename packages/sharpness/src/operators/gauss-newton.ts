import type { Tree } from '@steppe/tree';
import type { Batches } from '../examples.ts';
import { meanTree } from '../means.ts';
import { operator, type SymmetricOperator } from './operator.ts';
import { type BatchedOptions, batched } from './operator-options.ts';
import { type LossOfOutputs, partsOf } from './parts.ts';

/**
 * Makes the generalized Gauss-Newton matrix an operator: v ↦ mean Jᵀ·∇²ℓ·J·v, J the Jacobian of the outputs.
 *
 * It is the Hessian without the curvature of the network itself, H = GGN + Σ ∂ℓ/∂f·∇²f, and for a convex ℓ it has no
 * negative eigenvalue. For softmax cross entropy it is the Fisher matrix.
 *
 * @param parts - `{ outputs, loss }`, as for `valueAndGrad`; both of operations that have second derivatives.
 * @throws When `hessian` would, or the outputs are not one float32 tensor.
 * @see Martens, New insights and perspectives on the natural gradient method, JMLR 2020, section 8.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { gaussNewton } from '@steppe/sharpness';
 *
 * // F(w) = w², ℓ = ½(F - y)²: J = 2w, and the Hessian has 2(w² - y) beside the GGN, 4w².
 * const parts = {
 *   outputs: (w: tf.Tensor1D, _: tf.Tensor1D) => tf.square(w),
 *   loss: (f: tf.Tensor, y: tf.Tensor1D) => tf.mean(tf.mul(0.5, tf.square(tf.sub(f, y)))),
 * };
 * const operator = gaussNewton(parts, tf.tensor1d([3]), [tf.tensor1d([1])]);
 * const product = await operator.multiply(tf.tensor1d([1]));
 * console.log(product.arraySync()); // => [ 36 ]
 * ```
 */
export function gaussNewton<P extends Tree, Batch extends Tree>(
  parts: LossOfOutputs<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: BatchedOptions<Batch> = {},
): SymmetricOperator<P> {
  const { forward, back, curvature } = partsOf('gaussNewton', parts);
  const { wanted, pass } = batched('gaussNewton', batches, options);
  return operator(params, wanted, (v) =>
    meanTree('Gauss-Newton product', pass, (batch) => {
      const [outputs, tangent] = forward(params, batch, v);
      return back(params, batch, curvature(outputs, batch, tangent), wanted);
    }),
  );
}
