import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LabelOptions } from './label-options.ts';
import { byClass, checkCounts, checkTensor, only, sameShape, share, total, weigh } from './weighting.ts';

/** Refuses targets that are not one for each prediction: broadcasting [batch] against [batch, 1] would compare every
 * example with every other. */
export function checkEntries(what: string, predictions: Tensor, targets: Tensor, options: LabelOptions): void {
  checkTensor(what, predictions);
  checkTensor('targets', targets);
  const name = `${what[0]?.toUpperCase()}${what.slice(1)}`;
  if (predictions.dtype !== 'float32') throw new Error(`${name} must be float32, got ${predictions.dtype}.`);
  if (!sameShape(predictions.shape, targets.shape) || !['float32', 'int32', 'bool'].includes(targets.dtype))
    throw new Error(
      `There must be one target for each of the ${what} [${predictions.shape}], got ${targets.dtype} [${targets.shape}].`,
    );
  if (predictions.size === 0) throw new Error(`There must be an example at least, got ${what} [${predictions.shape}].`);
  checkCounts(options, targets.shape, targets.shape.at(-1) ?? 1);
}

/**
 * Averages a loss of entries by their weights.
 *
 * @param lossOf - The loss of each entry; sees numbers that count only, 0 elsewhere.
 * @param isWrong - True where a target cannot be one.
 */
export function meanOverEntries(
  predictions: Tensor,
  targets: Tensor,
  options: LabelOptions,
  lossOf: (predictions: Tensor, targets: Tensor) => Tensor,
  isWrong?: (targets: Tensor) => Tensor,
): Scalar {
  const { counted: named, weights: own } = weigh(targets.shape, targets, options);
  const t = tf.cast(targets, 'float32');
  const ofClass = options.classWeights && byClass(options.classWeights);
  const weights = ofClass ? tf.mul(own ?? tf.onesLike(t), ofClass) : own;
  const counted = ofClass && weights ? tf.notEqual(weights, 0) : named;
  const target = only(counted, t);
  const losses = lossOf(only(counted, predictions), target);
  const wrong = isWrong && total(tf.cast(isWrong(target), 'float32'));
  return weights === undefined
    ? share(total(losses), targets.size, wrong)
    : share(total(tf.mul(losses, weights)), total(weights), wrong);
}
