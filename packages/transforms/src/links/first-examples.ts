import { checkNumber, share as isShare } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { exampleCount, isExamples, mapExamples } from './examples.ts';
import { transformation } from './transformation.ts';

/**
 * Evaluates the first examples of a batch only, ⌈share·n⌉ of n: for a gradient that may be a rough one, as that of SAM's
 * ascent may.
 *
 * Value, aux and gradient are those of these examples. All tensors of the batch but scalars and the model's state are
 * lists of examples, along their first dimension; a random key stays as it is. It counts as `share` gradients.
 *
 * @param share - In (0, 1]; 1 passes the batch as it is.
 * @throws When share is out of its range; at an update, when the tensors of the batch differ in their first dimension.
 * @see Du et al., Efficient Sharpness-Aware Minimization, ICLR 2022, section 3.2; Bahri et al., Sharpness-Aware
 * Minimization Improves Language Model Generalization, ACL 2022, for the ascent by a fraction of the batch.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { firstExamples, samTransform } from '@steppe/transforms';
 *
 * const half = firstExamples(0.5);
 * const gradient = (w: tf.Tensor, x: tf.Tensor) => ({ value: tf.mean<tf.Scalar>(x), grads: tf.add(w, tf.mean(x)), aux: null });
 * const [{ value }] = half.update(gradient, null, tf.scalar(0), tf.tensor1d([1, 2, 9]));
 * console.log(value.arraySync()); // => 1.5
 * console.log(samTransform(0.05, 2, { ascent: half }).gradientCost); // => 1.5
 * ```
 */
export function firstExamples(share: number): GradientTransformation<null> {
  checkNumber('share', share, isShare);
  const first = <Batch extends Tree>(batch: Batch): Batch => {
    if (share === 1) return batch;
    const chosen = isExamples('firstExamples', batch);
    const count = Math.ceil(share * exampleCount('firstExamples', batch, chosen));
    return mapExamples(batch, chosen, (leaf) => tf.slice(leaf, 0, count));
  };
  return transformation({
    ...call('firstExamples', share),
    gradientCost: share,
    init: () => null,
    update(gradient, state, params, batch) {
      // Its cotangent has the shape of the examples that were taken, and not the batch's.
      const { cotangent: _, ...evaluation } = gradient(params, first(batch));
      return [evaluation, state];
    },
    linear: (product, _state, params, batch) => product(params, first(batch)),
  });
}
