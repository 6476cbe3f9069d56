import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { TapeNode } from './recording.ts';
import { ofShape } from './rule.ts';

/**
 * Gives the division inside of `tf.divNoNan` the derivative of a / b where b is not zero, and 0 where it is.
 *
 * tfjs makes it of a division and a choice, and the derivative of the division is 0/0 where it is not chosen.
 */
export function forgiveDivision(node: TapeNode): void {
  if (node.kernelName !== tf.RealDiv || tf.engine().state.scopeStack.at(-2)?.name !== 'divNoNan__op') return;
  node.gradient = ([dy]) => {
    const [a, b] = (node.saved ?? []) as [Tensor, Tensor];
    const perB = (x: Tensor): Tensor => tf.divNoNan(x, b);
    return {
      a: () => ofShape(perB(dy as Tensor), a.shape),
      b: () => ofShape(tf.neg(perB(perB(tf.mul(dy as Tensor, a)))), b.shape),
    };
  };
}
