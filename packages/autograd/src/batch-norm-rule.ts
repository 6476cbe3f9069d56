import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { ofShape } from './rule.ts';

/** Names of inputs that may be left out, of which tfjs would save a copy all the same, and fail. */
const present = (names: readonly string[]): string[] =>
  Object.assign([...names], {
    map: <Result>(find: (name: string, i: number, all: string[]) => Result): Result[] =>
      names.map((name, i) => find(name, i, [...names])).filter((found) => found !== undefined),
  });

/** The gradient of normalization with given statistics, where scale and offset may be left out. */
export const batchNormRule: GradConfig = {
  kernelName: tf.FusedBatchNorm,
  inputsToSave: present(['x', 'mean', 'variance', 'scale']),
  gradFunc: (given, saved, { varianceEpsilon }) => {
    const dy = given as Tensor;
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor | undefined];
    const inverse = tf.rsqrt(tf.add(variance, varianceEpsilon as number));
    const slope = scale === undefined ? inverse : tf.mul(inverse, scale);
    /** Σ dy·(x - mean), for each statistic. */
    const moment = (shape: number[]): Tensor => ofShape(tf.mul(dy, tf.sub(x, mean)), shape);
    return {
      x: () => tf.mul(dy, slope),
      mean: () => tf.neg(tf.mul(ofShape(dy, mean.shape), slope)),
      variance: () => tf.mul(moment(variance.shape), tf.mul(tf.mul(slope, tf.square(inverse)), -0.5)),
      scale: () => tf.mul(moment(mean.shape), inverse),
      offset: () => ofShape(dy, mean.shape),
    };
  },
};
