import { checkFunction, checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { listOf } from '../list-of.ts';
import type { Figure } from '../measures/figure.ts';
import { figureCurve } from './figure-curve.ts';
import { bitCount, type QuantizeOptions, quantize } from './quantize.ts';

/** The numbers of bits. */
export type QuantizationOptions<Batch> = PassOptions<Batch> &
  QuantizeOptions & {
    /** @defaultValue 8, 6, 5, 4, 3 and 2 */
    readonly bits?: readonly number[];
  };

/**
 * Measures what rounding the weights to fewer bits costs: the loss, the accuracy or another figure for each number of
 * bits, and without rounding.
 *
 * It costs a pass for each number of bits and one more. It rounds weights only, neither activations nor the statistics
 * of batch normalization, so it is kinder than a quantized runtime.
 *
 * @param figure - A mean over the examples of a batch, such as the accuracy.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`.
 * @returns The figure as it is, `value`, and for each number of bits with its `change` from that.
 * @throws When an option is unknown or out of range.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { quantizationCurve } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor1D, x: tf.Tensor1D) => tf.mean(tf.mul(tf.sum(w), x));
 * const found = await quantizationCurve(loss, tf.tensor1d([1, 0.25]), [tf.tensor1d([1, 1])], { bits: [2] });
 * console.log(found.value, found.points); // => 1.25 [ { bits: 2, value: 1, change: -0.25 } ]
 * ```
 */
export async function quantizationCurve<P extends Tree, Batch extends Tree>(
  figure: Figure<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: QuantizationOptions<Batch> = {},
): Promise<{
  readonly value: number;
  readonly points: readonly { readonly bits: number; readonly value: number; readonly change: number }[];
  readonly losses: number;
}> {
  checkOptions('quantizationCurve', options, {
    ...passOptions,
    wanted: checkFunction,
    bits: listOf('numbers of bits', bitCount),
  });
  checkFunction('figure', figure);
  checkWeights('quantizationCurve', params);
  const { bits = [8, 6, 5, 4, 3, 2], wanted, ...passing } = options;
  const pass = passOver('quantizationCurve', batches, passing);
  const curve = await figureCurve(figure, pass, params, { levels: bits, draws: 1 }, (b) =>
    quantize(params, b, { wanted }),
  );
  return { ...curve, points: curve.points.map(({ level, value, change }) => ({ bits: level, value, change })) };
}
