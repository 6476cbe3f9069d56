import { hvp, jvp, valueAndGrad } from '@steppe/autograd';
import { checkFunction, checkRecord, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { Tensor } from '@tensorflow/tfjs-core';
import type { Wanted } from './operator.ts';

/** A loss in two parts, L(w) = ℓ(F(w)): the outputs of a network, one tensor, and a loss of them. */
export type LossOfOutputs<P extends Tree, Batch extends Tree> = {
  /** F: gives a float32 tensor, such as logits of `[examples, classes]`, or `[tensor, aux]`. */
  readonly outputs: (params: P, batch: Batch) => Tensor | readonly [Tensor, Tree];
  /** ℓ: a mean over the examples, a scalar or `[scalar, aux]`. */
  readonly loss: (outputs: Tensor, batch: Batch) => Tensor | readonly [Tensor, Tree];
};

/** The derivatives of both parts of a loss. */
export type Parts<P extends Tree, Batch extends Tree> = {
  /** F(w) and J·v. */
  readonly forward: (params: P, batch: Batch, v: P) => readonly [outputs: Tensor, tangent: Tensor];
  /** Jᵀ·c. */
  readonly back: (params: P, batch: Batch, c: Tensor, wanted: Wanted) => P;
  /** ∂ℓ/∂F. */
  readonly slope: (outputs: Tensor, batch: Batch) => Tensor;
  /** ∂²ℓ/∂F²·u. */
  readonly curvature: (outputs: Tensor, batch: Batch, u: Tensor) => Tensor;
};

/** The outputs of a network as one tensor, refused where they are none. */
export function outputOf(what: string, given: unknown): Tensor {
  const made: unknown = Array.isArray(given) ? given[0] : given;
  if (!(made instanceof Tensor) || made.dtype !== 'float32')
    throw refusal(`What outputs gives to ${what}`, 'one float32 tensor, or [tensor, aux]', made);
  return made;
}

/** Refuses what is no loss in two parts, and takes them without what they give beside their values. */
export function checkedParts<P extends Tree, Batch extends Tree>(what: string, parts: LossOfOutputs<P, Batch>) {
  checkRecord(`The loss of ${what}, in two parts { outputs, loss },`, parts);
  checkFunction('outputs', parts.outputs);
  checkFunction('loss', parts.loss);
  return {
    outputs: (params: P, batch: Batch): Tensor => outputOf(what, parts.outputs(params, batch)),
    loss: (at: Tensor, batch: Batch): Tensor => {
      const given = parts.loss(at, batch);
      return Array.isArray(given) ? given[0] : (given as Tensor);
    },
  };
}

/** Takes a loss in two parts apart into their derivatives. */
export function partsOf<P extends Tree, Batch extends Tree>(
  what: string,
  parts: LossOfOutputs<P, Batch>,
): Parts<P, Batch> {
  const { outputs, loss } = checkedParts(what, parts);
  const [gradient, second, tangent] = [valueAndGrad(loss), hvp(loss), jvp(outputs)];
  const whole = valueAndGrad({ outputs, loss: (at, batch: Batch) => loss(at as Tensor, batch) });
  return {
    forward: tangent,
    back: (params, batch, c, wanted) => whole.functional(params, batch, c, wanted),
    slope: (at, batch) => gradient(at, batch).grads,
    curvature: second,
  };
}
