import { refusal } from '@steppe/check';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, checkTensor, IMAGES } from '../checks.ts';

/**
 * Appends channels of zeros: the shortcut of a residual block whose channels grow, without parameters.
 *
 * @param x - Images `[batch, height, width, in]`.
 * @param channels - How many there are after it, `in` at least.
 * @returns Images `[batch, height, width, channels]`.
 * @see He et al., Deep residual learning (2015), section 3.3, option A.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { padChannels } from '@steppe/models';
 *
 * console.log(padChannels(tf.ones([1, 1, 1, 2]), 3).dataSync()); // => Float32Array(3) [ 1, 1, 0 ]
 * ```
 */
export function padChannels(x: Tensor4D, channels: number): Tensor4D {
  checkTensor('x', x, IMAGES);
  checkCounts({ channels });
  if (channels < x.shape[3]) throw refusal('channels', `at least the ${x.shape[3]} that there are`, channels);
  const more = channels - x.shape[3];
  return pure(() =>
    more === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, more],
        ]),
  );
}
