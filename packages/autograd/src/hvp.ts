import { checkFunction } from '@steppe/check';
import { checkParameters, clone, leaves, map2, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { atLeaves, gradientOf, type Loss, type Wanted } from './gradient.ts';
import { checkRules } from './self-check.ts';
import { pullback } from './tape.ts';

/** The tensors of a direction, in the order of the parameters. @throws When it differs in structure, or in a shape, which
 * would be broadcast, and the product be one by another direction. */
function directionOf(params: Tree, v: Tree): readonly Tensor[] {
  const found: Tensor[] = [];
  map2(params, v, (parameter, leaf, path) => {
    if (!tf.util.arraysEqual(leaf.shape, parameter.shape))
      throw new Error(
        `v has shape [${leaf.shape}] at "${path || '.'}", the parameter has [${parameter.shape}]: give it the shapes of the parameters.`,
      );
    found.push(leaf);
    return leaf;
  });
  return found;
}

/** Copies of a direction as cotangents, which are float32. */
const cotangentsOf = (direction: readonly Tensor[]) => (): readonly Tensor[] =>
  direction.map((leaf) => tf.cast(leaf, 'float32'));

const tensorsOf = (tree: Tree): Tensor[] => leaves(tree).map(({ leaf }) => leaf);

/**
 * Multiplies the Hessian of a loss by a vector, exactly: v ↦ ∇²L(w)·v = ∇⟨∇L(w), v⟩, at 2.4 to 3 times the cost of a
 * gradient.
 *
 * By reverse over reverse, without finite differences: 8 convolutions for every one of the network, where a gradient has
 * 3; the filters' gradients of the first sweep, of which only the derivative is asked, are not computed. Every operation on the way must be one of `secondDerivatives()`;
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
  const gradient = gradientOf(loss, undefined, true);
  return (params, batch, v, wanted = () => true) => {
    checkFunction('wanted', wanted);
    checkRules();
    checkParameters(params);
    const direction = directionOf(params, v);
    return pure(() => {
      const w = clone(params); // v may hold the very tensors of the parameters, and is a constant all the same
      const chosen = leaves(w).filter(({ path, leaf }) => wanted(path, leaf));
      const { grads } = pullback(
        () => tensorsOf(gradient(w, batch, wanted).grads),
        chosen.map(({ leaf }) => leaf),
        cotangentsOf(direction),
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
    const direction = directionOf(params, v);
    return pure(() => {
      const value = f(params, batch);
      const u = tf.zerosLike(value);
      // f may be constant, and its derivative zero.
      const along = gradientOf(
        (w: P, cotangent: Tensor) => tf.sum(tf.mul(f(w, batch), cotangent)),
        () => undefined,
        true,
      );
      const { grads } = pullback(() => tensorsOf(along(params, u).grads), [u], cotangentsOf(direction));
      return [value, (grads[0] ?? tf.zerosLike(value)) as Y] as const;
    });
  };
}
