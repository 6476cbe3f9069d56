import { checkNumber, weight } from '@steppe/check';
import { bernoulli, type Key, split, uniform } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkKey, checkTensor, IMAGES } from '../checks.ts';

/** One number for each image of a batch. */
type PerImage = [batch: number, 1, 1, 1];

/**
 * Multiplies by one factor on the way forward and by another on the way back: y = f · x, ∂L/∂x = g · ∂L/∂y.
 *
 * This is no derivative of a function, so there is no second one: `hvp` refuses it as `shake`.
 *
 * @param x - Images `[batch, height, width, channels]`.
 * @param forward - f, in a shape that broadcasts to that of `x`.
 * @param backward - g, likewise.
 * @see Gastaldi, Shake-Shake regularization (2017), section 1.1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { shake } from '@steppe/models';
 *
 * const x = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
 * const f = (x: tf.Tensor4D) => tf.sum(shake(x, tf.scalar(0.2), tf.scalar(0.7)));
 * const { value, grad } = tf.valueAndGrad(f)(x);
 * console.log(value.dataSync()[0]?.toFixed(1), grad.dataSync()[0]?.toFixed(1)); // => 0.2 0.7
 * ```
 */
export function shake(x: Tensor4D, forward: Tensor, backward: Tensor): Tensor4D {
  for (const [name, tensor] of Object.entries({ x, forward, backward })) checkTensor(name, tensor);
  const op = tf.customGrad((images, save) => {
    (save as tf.GradSaveFunc)([backward]);
    const gradFunc = (dy: Tensor, [factor]: Tensor[]): Tensor => tf.mul(dy, factor as Tensor);
    return { value: tf.mul(images as Tensor, forward), gradFunc };
  });
  // The tape knows it by the name of the scope.
  return pure(() => tf.tidy('shake', () => op(x) as Tensor4D));
}

/**
 * Mixes two branches at random, for every image by itself: α·a + (1 - α)·b forward, with β for α backward, both uniform
 * in [0, 1) and independent ("Shake-Shake-Image").
 *
 * Without noise the mean (a + b) / 2 stands for it.
 *
 * @param key - The same key gives the same α and β, so both passes of SAM see one network.
 * @param a - Images `[batch, height, width, channels]`.
 * @param b - Of the shape of `a`.
 * @see Gastaldi, Shake-Shake regularization (2017), equation 2 and section 2.2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { shakeBranches } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const [a, b] = [tf.zeros<tf.Rank.R4>([2, 1, 1, 1]), tf.ones<tf.Rank.R4>([2, 1, 1, 1])];
 * const mixed = [...shakeBranches(key(0), a, b).dataSync()];
 * console.log(mixed.every((value) => value > 0 && value < 1), mixed[0] !== mixed[1]); // => true true
 * ```
 */
export function shakeBranches(key: Key, a: Tensor4D, b: Tensor4D): Tensor4D {
  checkKey(key);
  checkTensor('a', a, IMAGES);
  checkTensor('b', b, IMAGES);
  const shape: PerImage = [a.shape[0], 1, 1, 1];
  return pure(() => {
    const [alpha, beta] = split(key).map((each) => uniform<tf.Rank.R4>(each, shape)) as [Tensor4D, Tensor4D];
    return tf.add(shake(a, alpha, beta), shake(b, tf.sub(1, alpha), tf.sub(1, beta)));
  });
}

/**
 * Keeps the branch of a block with some probability, for every image by itself, and else scales it at random: f · x
 * forward and g · x backward with f = c + α - cα, g = c + β - cβ, where c is 1 with probability `keep` and else 0, α is
 * uniform in [-1, 1) and β in [0, 1).
 *
 * Without noise the expectation `keep` · x stands for it.
 *
 * @param key - The same key gives the same c, α and β, so both passes of SAM see one network.
 * @param keep - The probability that an image's branch is left as it is, in [0, 1].
 * @param x - Images `[batch, height, width, channels]`.
 * @throws When `keep` is outside of [0, 1].
 * @see Yamada et al., ShakeDrop regularization for deep residual learning (2018), equation 6 (arXiv:1802.02375).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { shakeDrop } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const x = tf.ones<tf.Rank.R4>([100, 1, 1, 1]);
 * const kept = shakeDrop(key(0), 0.5, x).dataSync().filter((value) => value === 1);
 * console.log(kept.length > 30 && kept.length < 70); // => true
 * ```
 */
export function shakeDrop(key: Key, keep: number, x: Tensor4D): Tensor4D {
  checkKey(key);
  checkNumber('keep', keep, weight);
  checkTensor('x', x, IMAGES);
  const shape: PerImage = [x.shape[0], 1, 1, 1];
  const [keptKey, forwardKey, backwardKey] = split(key, 3);
  return pure(() => {
    const kept = bernoulli<tf.Rank.R4>(keptKey, keep, shape);
    // c + (1 - c)·α is the same, and 1 to the last bit where the branch is kept.
    const unless = (factor: Tensor4D): Tensor => tf.add(kept, tf.mul(tf.sub(1, kept), factor));
    const forward = unless(uniform<tf.Rank.R4>(forwardKey, shape, -1, 1));
    return shake(x, forward, unless(uniform<tf.Rank.R4>(backwardKey, shape)));
  });
}
