import { cosine, dot, norm, ratio, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Report } from '../contract.ts';

/**
 * Says how good SAM's step to w + ε was, as entries of the report; nothing is read back unless you read it.
 *
 * Beside `epsilonNorm`, ‖ε‖ₚ as measured: `ascent` ⟨ε, g⟩ · `lossBefore` L(w) and `lossAfter` L(w + ε) · `linearizationRatio`
 * (L(w + ε) - L(w)) / (ρ‖g‖_q), the rise over the most that the linear model promises: 1 where the loss is linear ·
 * `gradientCosine` cos(g, g′) · `gradientNormRatio` ‖g′‖₂ / ‖g‖₂ · `epsilonToWeights` ‖ε‖₂ / ‖w‖₂ over the leaves that
 * move: near 1 or above, the radius is too large for this p (`comparableRadius`).
 *
 * @param moving - What is restricted to the leaves that move.
 */
export function certificate<P extends Tree>(
  epsilon: P,
  moving: (tree: P) => P,
  params: P,
  promised: Scalar,
  clean: { readonly value: Scalar; readonly grads: P },
  perturbed: { readonly value: Scalar; readonly grads: P },
): Report {
  return {
    ascent: dot(epsilon, moving(clean.grads)),
    lossBefore: clean.value,
    lossAfter: perturbed.value,
    linearizationRatio: ratio(tf.sub(perturbed.value, clean.value), promised),
    gradientCosine: cosine(clean.grads, perturbed.grads),
    gradientNormRatio: ratio(norm(perturbed.grads), norm(clean.grads)),
    epsilonToWeights: ratio(norm(epsilon), norm(moving(params))),
  };
}
