import { checkOptions } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSeveral, readClassLabels } from './class-labels.ts';
import { labelOptionNames } from './label-options.ts';
import type { HuberOptions } from './regression.ts';
import type { SigmoidCrossEntropyOptions } from './sigmoid-cross-entropy.ts';
import { type CrossEntropyOptions, crossEntropyOptions } from './softmax-cross-entropy.ts';
import { byClass, checkCounts, checkTensor, total, weigh } from './weighting.ts';

/**
 * Gives what the labels of a batch count together: Σ w_i, by which `softmaxCrossEntropy`, `accuracy` and `errorRate`
 * divide, for the same labels and options.
 *
 * This is the weight of a slice or of a batch wherever means are joined to the mean over the whole: the mean of all is
 * Σ weight·mean / Σ weight.
 *
 * Int32 labels are taken for class numbers, all others for shares of classes. One-hot labels of int32 count each entry,
 * which leaves the ratios between batches as they are, and are refused with class weights, where it would not.
 *
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`, float32 or bool.
 * @returns A scalar: the number of examples unless options say otherwise, and 0 where nothing counts.
 * @throws When shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { labelWeight } from '@steppe/models';
 *
 * const tokens = tf.tensor2d([[3, 7, -1, -1], [2, -1, -1, -1]], [2, 4], 'int32');
 * console.log(labelWeight(tokens, { ignore: -1 }).arraySync()); // => 3
 * ```
 */
export function labelWeight(labels: Tensor, options: CrossEntropyOptions = {}): Scalar {
  checkOptions('labelWeight', options, crossEntropyOptions);
  checkTensor('labels', labels);
  const { ignore, classWeights } = options;
  const numbers = labels.dtype === 'int32';
  if (!numbers && labels.rank < 2)
    throw new Error(
      `Labels must be int32 [batch, ...] or [batch, ..., classes], got ${labels.dtype} [${labels.shape}].`,
    );
  if (!numbers && ignore !== undefined)
    throw new Error(`ignore needs class numbers, int32, got ${labels.dtype} [${labels.shape}].`);
  const examples = numbers ? labels.shape : labels.shape.slice(0, -1);
  const side = classWeights instanceof tf.Tensor ? classWeights.size : (classWeights?.length ?? 1);
  const classes = numbers ? side : (labels.shape.at(-1) ?? 0);
  checkCounts(options, examples, classes);
  if (!numbers) checkSeveral(classes, `labels [${labels.shape}]`);
  else if (classWeights !== undefined) checkSeveral(classes, 'one class weight');
  if (numbers && classWeights !== undefined && labels.rank > 1 && labels.shape.at(-1) === side)
    throw new Error(
      `Int32 labels [${labels.shape}] with ${side} class weights may be one-hot or class numbers: ` +
        'cast one-hot labels to float32, or flatten class numbers.',
    );
  return pure(() => {
    if (numbers && classWeights === undefined) {
      const weighting = weigh(examples, labels, options);
      return weighting.weights === undefined ? tf.scalar(labels.size) : total(weighting.weights);
    }
    const { whole, wrong } = readClassLabels([...examples, classes], labels, options);
    if (typeof whole === 'number') return tf.scalar(whole);
    return wrong === undefined ? whole : tf.where(tf.greater(wrong, 0), Number.NaN, whole);
  });
}

/**
 * Gives what the entries of a batch count together, by which `sigmoidCrossEntropy`, `meanSquaredError` and `huberLoss`
 * divide, for the same labels or targets and options.
 *
 * @param targets - Of the shape of the logits or predictions.
 * @returns A scalar: the number of entries unless options say otherwise, and 0 where nothing counts.
 * @throws When shapes or types do not fit, or an option is unknown.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { entryWeight } from '@steppe/models';
 *
 * console.log(entryWeight(tf.zeros([2, 3]), { weights: tf.tensor1d([1, 0.5]) }).arraySync()); // => 4.5
 * ```
 */
export function entryWeight(targets: Tensor, options: SigmoidCrossEntropyOptions & HuberOptions = {}): Scalar {
  checkOptions('entryWeight', options, [...labelOptionNames, 'positiveWeights', 'delta']);
  checkTensor('targets', targets);
  checkCounts(options, targets.shape, targets.shape.at(-1) ?? 1);
  return pure(() => {
    const { weights } = weigh(targets.shape, targets, options);
    const { classWeights } = options;
    if (classWeights === undefined) return weights === undefined ? tf.scalar(targets.size) : total(weights);
    return total(tf.mul(weights ?? tf.onesLike(tf.cast(targets, 'float32')), byClass(classWeights)));
  });
}
