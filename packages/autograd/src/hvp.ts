import { checkFunction } from '@steppe/check';
import { checkParameters, clone, dot, leaves, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { atLeaves, gradientOf, type Loss, type Wanted } from './gradient.ts';
import { checkRules } from './self-check.ts';
import { reverse } from './tape.ts';

/** Refuses a direction whose leaves would be broadcast to the parameters: the product would be of another one. */
function checkDirection(params: Tree, v: Tree): void {
  const directions = leaves(v);
  for (const [i, { path, leaf }] of leaves(params).entries()) {
    const direction = directions[i];
    if (direction?.path === path && !tf.util.arraysEqual(direction.leaf.shape, leaf.shape))
      throw new Error(
        `v has shape [${direction.leaf.shape}] at "${path || '.'}", the parameter has [${leaf.shape}]: give it the shapes of the parameters.`,
      );
  }
}

/**
 * Multiplies the Hessian of a loss by a vector, exactly: v ↦ ∇²L(w)·v = ∇⟨∇L(w), v⟩, at 2.5 to 4.7 times the cost of a
 * gradient.
 *
 * By reverse over reverse, without finite differences. Every operation on the way must be one of `secondDerivatives()`;
 * any other is refused by name. At kinks (relu, max, pools) it is the Hessian of the piece that w lies in.
 *
 * @param loss - As for `valueAndGrad`; what it returns beside its value is not used.
 * @returns The function (w, batch, v) ↦ ∇²L(w)·v; v has the structure of the parameters. A fourth argument chooses
 * leaves, as for `valueAndGrad`: the product is then by their block of the Hessian.
 * @throws When an operation has no verified second derivative, with its name; when v differs in structure or shape,
 * with the path; when a parameter stands twice in the tree.
 * @see Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 1994.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { hvp } from '@steppe/autograd';
 *
 * const loss = (w: tf.Tensor1D, _batch: null) => tf.sum<tf.Scalar>(tf.pow(w, 3)); // ∇²L = diag(6w)
 * const product = hvp(loss)(tf.tensor1d([1, 2]), null, tf.tensor1d([1, -1]));
 * console.log([...product.dataSync()].map(Math.round)); // => [ 6, -12 ]
 * ```
 */
export function hvp<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
): (params: P, batch: Batch, v: P, wanted?: Wanted) => P {
  checkFunction('loss', loss);
  const gradient = gradientOf(loss);
  return (params, batch, v, wanted = () => true) => {
    checkFunction('wanted', wanted);
    checkRules();
    checkParameters(params);
    checkDirection(params, v);
    return pure(() => {
      const w = clone(params); // v may hold the very tensors of the parameters, and is a constant all the same
      const chosen = leaves(w).filter(({ path, leaf }) => wanted(path, leaf));
      const { grads } = reverse(
        () => dot(gradient(w, batch, wanted).grads, v),
        chosen.map(({ leaf }) => leaf),
      );
      return atLeaves(params, chosen, grads);
    });
  };
}

/**
 * Differentiates a function along a direction, exactly: v ↦ (f(w), ∂f(w)·v), by two sweeps backward.
 *
 * f's output may have any shape; the tangent has the same one. The sweep over u ↦ ∇⟨f(w), u⟩, which is linear in u, is
 * the tangent.
 *
 * @param f - A function of parameters and batch made of operations of `secondDerivatives()`.
 * @throws When an operation has no verified second derivative, with its name; when v differs in structure or shape,
 * with the path.
 * @see Townsend, A new trick for calculating Jacobian vector products, 2017.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { jvp } from '@steppe/autograd';
 *
 * const [value, tangent] = jvp((w: tf.Tensor1D, _batch: null) => tf.square(w))(tf.tensor1d([1, 2]), null, tf.tensor1d([1, 10]));
 * console.log([...value.dataSync()], [...tangent.dataSync()]); // => [ 1, 4 ] [ 2, 40 ]
 * ```
 */
export function jvp<P extends Tree, Batch extends Tree, Y extends Tensor>(
  f: (params: P, batch: Batch) => Y,
): (params: P, batch: Batch, v: P) => readonly [value: Y, tangent: Y] {
  checkFunction('f', f);
  return (params, batch, v) => {
    checkRules();
    checkDirection(params, v);
    return pure(() => {
      const value = f(params, batch);
      const u = tf.zerosLike(value);
      // f may be constant, and its derivative zero.
      const pullback = gradientOf(
        (w: P, cotangent: Tensor) => tf.sum(tf.mul(f(w, batch), cotangent)),
        () => undefined,
      );
      const { grads } = reverse(() => dot(pullback(params, u).grads, v), [u]);
      return [value, (grads[0] ?? tf.zerosLike(value)) as Y] as const;
    });
  };
}
