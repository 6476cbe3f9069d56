import {
  softmaxCrossEntropy,
  type WideResNet,
  type WideResNetOptions,
  type WideResNetParams,
  type WideResNetState,
  wideResNet,
} from '@steppe/models';
import { foldIn, type Key, key, normal } from '@steppe/random';
import type { ModelLoss } from '@steppe/train';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Images `[batch, 4, 4, 1]` and their labels. */
export type Batch = { readonly images: Tensor4D; readonly labels: Tensor1D };

/** A small classifier, its first parameters and its loss. */
export type Problem = {
  readonly model: WideResNet;
  readonly params: WideResNetParams;
  readonly state: WideResNetState;
  readonly loss: ModelLoss<WideResNetParams, WideResNetState, Batch>;
};

const classes = 5;

/** Makes a WRN-10-1 for images so small that the slowest backends are through in seconds. */
export function problem(options: Partial<WideResNetOptions> = {}): Problem {
  const model = wideResNet({ depth: 10, width: 1, classes, activation: 'silu', ...options });
  const loss = (params: WideResNetParams, state: WideResNetState, { images, labels }: Batch, random: Key) => {
    const [logits, next] = model.apply(params, state, images, { training: true, key: random });
    return [softmaxCrossEntropy(logits, labels, { smoothing: 0.1 }), { state: next, metrics: {} }] as const;
  };
  return { model, ...model.init(key(0), [4, 4, 1]), loss };
}

/** Draws the batch of a step: noise, brighter the higher the class. */
export function batchOf(step: number, size = 8): Batch {
  const labels = tf.tensor1d(
    Array.from({ length: size }, (_, i) => (step + i) % classes),
    'int32',
  );
  const images = tf.tidy(() => {
    const noise = normal<tf.Rank.R4>(foldIn(key(1), step), [size, 4, 4, 1]);
    return tf.add(noise, tf.reshape(tf.cast(labels, 'float32'), [size, 1, 1, 1])) as Tensor4D;
  });
  return { images, labels };
}

/** The loss of a problem as a function of its parameters alone. */
export const lossOf =
  ({ loss, state }: Problem): ((params: WideResNetParams, batch: Batch) => Scalar) =>
  (params, batch) =>
    loss(params, state, batch, key(2))[0];
