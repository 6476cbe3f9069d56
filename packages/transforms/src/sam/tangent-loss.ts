import { dot, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Report } from '../contract.ts';

/**
 * Follows the tangent at w + ε back to w: L(w + ε) - ⟨g′, ε⟩, a lower bound of L(w) where L is convex, and what Polyak's
 * step compares with the least loss.
 *
 * An evaluation that was itself displaced, as by a second SAM, says where its own tangent passes, and goes on from
 * there.
 */
export const tangentLoss = (
  at: { readonly value: Scalar; readonly report?: Report },
  grads: Tree,
  epsilon: Tree,
): Scalar => tf.sub(at.report?.tangentLoss ?? at.value, dot(epsilon, grads));
