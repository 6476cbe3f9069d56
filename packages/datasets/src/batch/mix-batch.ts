import { aNumber, checkOptions, checkRecord, positive, type Rule, refusal } from '@steppe/check';
import { betas, foldIn, isKey, type Key, permutation } from '@steppe/random';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkImages } from './check-images.ts';

/** Images and what they are to be taken for. */
export type MixBatch = {
  /** `[batch, height, width, channels]`. */
  readonly images: Tensor4D;
  /** Class numbers, int32, `[batch]`, or shares of the classes, float32, `[batch, classes]`. */
  readonly labels: tf.Tensor;
};

/** Mixed images and the shares of the classes in them; whoever receives them disposes them. */
export type MixedBatch = {
  /** `[batch, height, width, channels]`. */
  readonly images: Tensor4D;
  /** Shares of the classes, float32, `[batch, classes]`: what losses and metrics of `@steppe/models` take as labels. */
  readonly labels: Tensor2D;
};

/** How a batch is mixed. */
export type MixOptions = {
  /** How many classes there are. */
  readonly classes: number;
  /**
   * How much is mixed: the share λ of an image is drawn from Beta(α, α).
   * @defaultValue 1
   */
  readonly alpha?: number;
};

const several: Rule = ['a whole number of at least 2', (x) => Number.isInteger(x) && x >= 2 && x < 2 ** 31];

/** Refuses what cannot be mixed. */
export function checkMix(name: string, key: Key, given: MixBatch, options: MixOptions): void {
  if (!isKey(key)) throw refusal(`The first argument of ${name}`, 'a random key, such as key(0)', key);
  checkRecord('The batch', given);
  const { images, labels } = given;
  checkOptions(name, options, { classes: aNumber(several), alpha: aNumber(positive) });
  aNumber(several)('classes', options.classes);
  checkImages(images);
  if (!(labels instanceof tf.Tensor)) throw refusal('labels', 'a tensor', labels);
  const [batch] = images.shape;
  const hard = labels.dtype === 'int32' && labels.rank === 1 && labels.shape[0] === batch;
  const soft = labels.dtype === 'float32' && `${labels.shape}` === `${[batch, options.classes]}`;
  if (!hard && !soft)
    throw new Error(
      `${name} takes labels int32 [${batch}] or float32 [${batch},${options.classes}], got ${labels.dtype} [${labels.shape}].`,
    );
}

/** The share that each image keeps, and the number of the image that it is mixed with. */
export function drawMix(key: Key, alpha: number, batch: number): readonly [lambda: number, partners: Int32Array] {
  return [betas(foldIn(key, 0), alpha, alpha, 1)[0] as number, Int32Array.from(permutation(foldIn(key, 1), batch))];
}

/** λ·labels + (1 - λ)·labels of the partners. */
export function mixLabels(labels: tf.Tensor, partners: tf.Tensor1D, lambda: number, classes: number): Tensor2D {
  // A cast, since WASM's float32 one-hot is all zeros.
  const named = tf.cast(labels.rank === 1 ? tf.oneHot(labels, classes) : labels, 'float32');
  // A class number out of range has no share, and shares that come to 0 would be a loss of 0 without a word.
  const shares = labels.rank === 1 ? tf.div(named, tf.sum(named, 1, true)) : named;
  return tf.add<Tensor2D>(tf.mul(shares, lambda), tf.mul(tf.gather(shares, partners), 1 - lambda));
}
