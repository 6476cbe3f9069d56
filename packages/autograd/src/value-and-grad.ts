import { checkFunction } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type AuxOfParts, type FunctionalFn, functionalOf, type LossOfOutputs, type OutputsOf } from './functional.ts';
import { gradientOf, type Loss, type ValueAndGrad, type Wanted } from './gradient.ts';
import { hvp } from './hvp.ts';

/** A loss's gradient function, which also multiplies by the Hessian. */
export type ValueAndGradFn<P extends Tree, Batch extends Tree, Aux extends Tree> = {
  /** With `wanted`, only those leaves are differentiated, which costs less where they are few; the others' gradients are
   * zero. */
  (params: P, batch: Batch, wanted?: Wanted): ValueAndGrad<P, Aux>;
  /** ∇²L(w)·v, exactly: what `samTransform(rho, p, { order: 2 })` asks for. */
  readonly hvp: (params: P, batch: Batch, v: P, wanted?: Wanted) => P;
};

/**
 * Turns a loss into the function that gives its value and its gradient: w ↦ (L(w), ∇L(w)).
 *
 * The result is the gradient function that every `@steppe/transforms` chain starts from. Parameters that the loss does
 * not use get zero gradients (`unusedLeaves` lists them); a loss that uses none of them is refused. Its member `hvp`
 * multiplies by the Hessian. Everything returned is the caller's to free, nothing passed in is freed, and an exception
 * leaves nothing.
 *
 * Of a loss in two parts, `{ outputs, loss }` with L(w) = ℓ(F(w)), the evaluation also has `cotangent`, ∂ℓ/∂F, and the
 * member `functional` multiplies by the Jacobian of the outputs at any point, (w, batch, c) ↦ J_F(w)ᵀ·c, as
 * `functionalSam` does. `outputs` gives a tree that is no list, or `[outputs, aux]`; where both parts give an aux, it is
 * `{ outputs, loss }`.
 *
 * @param loss - Gives a float32 scalar, or the pair `[scalar, aux]`; synchronous, made of tfjs operations.
 * @throws When the loss is not a function; at the call, when it is not one number, a parameter is not float32 or
 * disposed of (with its path), stands twice in the tree, the parameters hold no tensor, or the loss uses none of them, as one that calls a
 * `tf.LayersModel` does.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { valueAndGrad } from '@steppe/autograd';
 *
 * type Params = { w: tf.Tensor };
 * const loss = ({ w }: Params, x: tf.Tensor) => tf.mean(tf.square(tf.sub(w, x)));
 * const { value, grads } = valueAndGrad(loss)({ w: tf.tensor1d([1, 2]) }, tf.tensor1d([0, 0]));
 * console.log(value.arraySync(), grads.w.arraySync()); // => 2.5 [ 1, 2 ]
 *
 * const parts = valueAndGrad({
 *   outputs: ({ w }: Params, x: tf.Tensor) => tf.mul(w, x),
 *   loss: (outputs) => tf.sum(tf.square(outputs)),
 * });
 * const { cotangent } = parts({ w: tf.tensor1d([1, 2]) }, tf.tensor1d([1, 3]));
 * const elsewhere = parts.functional({ w: tf.tensor1d([0, 0]) }, tf.tensor1d([1, 3]), cotangent);
 * console.log(elsewhere.w.arraySync()); // => [ 2, 36 ]
 * ```
 */
export function valueAndGrad<
  P extends Tree,
  Batch extends Tree,
  Outputs extends Tree | readonly [Tree, Tree],
  Result extends Tensor | readonly [Tensor, Tree],
>(parts: {
  readonly outputs: (params: P, batch: Batch) => Outputs;
  readonly loss: (outputs: OutputsOf<NoInfer<Outputs>>, batch: NoInfer<Batch>) => Result;
}): FunctionalFn<P, Batch, AuxOfParts<Outputs, Result>>;
export function valueAndGrad<P extends Tree, Batch extends Tree, Aux extends Tree>(
  loss: (params: P, batch: Batch) => readonly [Tensor, Aux],
): ValueAndGradFn<P, Batch, Aux>;
// Takes nothing that anybody has: the compiler shows its type, a sentence, beside the errors of the other two.
export function valueAndGrad(
  loss: 'Parameters, batch and aux are trees: declare their types by type, not by interface.',
): never;
export function valueAndGrad<P extends Tree, Batch extends Tree>(
  loss: (params: P, batch: Batch) => Tensor,
): ValueAndGradFn<P, Batch, null>;
export function valueAndGrad<P extends Tree, Batch extends Tree>(
  given: Loss<P, Batch> | LossOfOutputs<P, Batch> | string,
): ValueAndGradFn<P, Batch, Tree> {
  if (Object(given).outputs) return functionalOf(given as LossOfOutputs<P, Batch>);
  checkFunction('loss', given);
  const loss = given as Loss<P, Batch>;
  return Object.assign(gradientOf(loss), { hvp: hvp(loss) });
}
