import { backend } from '@tensorflow/tfjs-core';
import { type Precision, precisions } from './precisions.ts';

/** A tfjs backend that multiplies in any precision: `native` is one. */
export type PreciseBackend = {
  /** The precision of what is computed from now on. */
  precision: Precision;
  /**
   * The precisions that are float32 here, since it is faster than bfloat16 on this processor; assign `[]` to have
   * their rounding all the same.
   */
  inFloat32: readonly Precision[];
};

/**
 * Finds the current backend's precision; `undefined` where it knows only one.
 *
 * @example
 * ```ts
 * import { preciseBackend } from '@steppe/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await tf.setBackend('cpu');
 * console.log(preciseBackend()); // => undefined
 * ```
 */
export function preciseBackend(): PreciseBackend | undefined {
  const current: object = backend();
  return isPrecise(current) ? current : undefined;
}

function isPrecise(current: object): current is PreciseBackend {
  return 'precision' in current && 'inFloat32' in current && precisions.some((name) => name === current.precision);
}
