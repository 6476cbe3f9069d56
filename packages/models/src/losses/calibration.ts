import { aNumber, checkOptions, count } from '@steppe/check';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkClassLabels, readClassLabels } from './class-labels.ts';
import { type CrossEntropyOptions, crossEntropyOptions } from './softmax-cross-entropy.ts';
import { only, share, total } from './weighting.ts';

/** How confidences are told apart. */
export type CalibrationOptions = CrossEntropyOptions & {
  /** Bins of equal width in (0, 1]. @defaultValue 15 */
  readonly bins?: number;
};

const standardBins = 15;

function check(name: string, logits: Tensor, labels: Tensor, options: CalibrationOptions): void {
  checkOptions(name, options, { ...crossEntropyOptions, bins: aNumber(count) });
  checkClassLabels(logits, labels, options);
}

/**
 * Gives for each bin of confidence what its examples add to the gap between accuracy and confidence:
 * g_b = Σ_{i in b} w_i·(1[right_i] - confidence_i) / Σ w_i.
 *
 * The confidence of an example is its largest probability, softmax(z); bin b of B holds those in ((b - 1)/B, b/B]. Unlike
 * the calibration error the gaps of a set are the weighted mean of those of its batches; Σ_b |g_b| of that mean is the
 * calibration error of the set.
 *
 * @param logits - `[batch, ..., classes]`, float32.
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`.
 * @returns `[bins]`.
 * @throws When the shapes or types do not fit, the bins are no positive whole number, or an option is unknown.
 * @see Guo et al., On calibration of modern neural networks, ICML 2017, equations (2) and (3).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { calibrationGaps } from '@steppe/models';
 *
 * const logits = tf.log(tf.tensor2d([[0.9, 0.1], [0.4, 0.6]]));
 * const gaps = calibrationGaps(logits, tf.tensor1d([0, 0], 'int32'), { bins: 2 });
 * console.log(gaps.arraySync().map((gap) => gap.toFixed(2))); // => [ '0.00', '-0.25' ]
 * ```
 */
export function calibrationGaps(logits: Tensor, labels: Tensor, options: CalibrationOptions = {}): Tensor1D {
  check('calibrationGaps', logits, labels, options);
  const { bins = standardBins } = options;
  return tf.tidy(() => {
    const { counted, weights, whole, wrong } = readClassLabels(logits.shape, labels, options);
    const named = labels.rank === logits.rank ? tf.argMax(only(counted, labels), -1) : labels;
    const shown = only(counted, logits);
    const confidence = tf.max(tf.softmax(shown), -1);
    const right = tf.cast(tf.equal(tf.argMax(shown, -1), named), 'float32');
    const gap = tf.sub(right, confidence);
    const gaps = tf.reshape(weights === undefined ? gap : tf.mul(gap, weights), [-1, 1]);
    // A confidence of NaN has no bin: it must not look well calibrated.
    const lost = tf.sum(tf.sub(confidence, confidence));
    const bin = tf.clipByValue(tf.sub(tf.ceil(tf.mul(tf.reshape(confidence, [-1]), bins)), 1), 0, bins - 1);
    const inBin = tf.cast(tf.equal(tf.expandDims(bin, 1), tf.range(0, bins)), 'float32');
    const sums = tf.sum(tf.mul(inBin, gaps), 0);
    return tf.add<Tensor1D>(tf.mul(sums, share(tf.scalar(1), whole, wrong)), lost);
  });
}

/**
 * Measures how far the confidence of a classifier is from its accuracy: Σ_b |g_b| over bins of confidence, the expected
 * calibration error, from 0 to 1.
 *
 * It is that of the examples that are given. The mean over batches is not that of all of them: average
 * `calibrationGaps` instead.
 *
 * @param logits - `[batch, ..., classes]`, float32.
 * @param labels - `[batch, ...]`, int32, or `[batch, ..., classes]`.
 * @throws When the shapes or types do not fit, the bins are no positive whole number, or an option is unknown.
 * @see Guo et al., On calibration of modern neural networks, ICML 2017, equation (3).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { calibrationError } from '@steppe/models';
 *
 * const logits = tf.log(tf.tensor2d([[0.9, 0.1], [0.7, 0.3]]));
 * console.log(calibrationError(logits, tf.tensor1d([0, 1], 'int32')).arraySync().toFixed(2)); // => 0.40
 * ```
 */
export function calibrationError(logits: Tensor, labels: Tensor, options: CalibrationOptions = {}): Scalar {
  check('calibrationError', logits, labels, options);
  return tf.tidy(() => total(tf.abs(calibrationGaps(logits, labels, options))));
}
