import { checkNumber, checkOneOf, checkOptions, count, refusal } from '@steppe/check';
import { foldIn } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Activation, activate, activations } from '../layers/activation.ts';
import { type DenseParams, dense, initDense, xavierUniform } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';

/** Holds the parameters of a multilayer perceptron; `.layers[0].kernel` is a path in it. */
export type MlpParams = { readonly layers: readonly DenseParams[]; readonly dense: DenseParams };

/** A multilayer perceptron as two pure functions; it has no running statistics. */
export type Mlp = Model<MlpParams, null>;

/** Says which multilayer perceptron. */
export type MlpOptions = {
  /** The features of the layers between image and logits; none makes a linear classifier. */
  readonly widths: readonly number[];
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The nonlinearity after each of these layers.
   *
   * @defaultValue 'relu'
   */
  readonly activation?: Activation;
};

/** Refuses widths that are no list of whole numbers. */
export function checkWidths(widths: unknown): asserts widths is readonly number[] {
  if (!Array.isArray(widths)) throw refusal('widths', 'a list of whole numbers', widths);
  for (const width of widths) checkNumber('Each of widths', width, count);
}

/**
 * Makes a multilayer perceptron on all pixels of an image, for quick work: dense layers with a nonlinearity between them.
 *
 * @throws When an option is out of its range or unknown; when images have another size than `init` was given.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { mlp } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = mlp({ widths: [32, 16], classes: 10 });
 * const { params, state } = model.init(key(0), [28, 28, 1]);
 * console.log(model.apply(params, state, tf.ones([2, 28, 28, 1]), { training: true })[0].shape); // => [ 2, 10 ]
 * ```
 */
export function mlp(options: MlpOptions): Mlp {
  checkOptions('mlp', options, ['widths', 'classes', 'activation']);
  const { widths, classes, activation = 'relu' } = options;
  checkWidths(widths);
  checkNumber('classes', classes, count);
  checkOneOf('activation', activation, Object.keys(activations));

  return checkedModel<MlpParams, null>({
    init: (key, [height, width, channels]) => {
      const sizes = [height * width * channels, ...widths];
      const layer = (l: number, out: number): DenseParams =>
        initDense(foldIn(key, l), sizes[l] as number, out, xavierUniform);
      return {
        params: { layers: widths.map((out, l) => layer(l, out)), dense: layer(widths.length, classes) },
        state: null,
      };
    },
    apply: (params, state, images, applyOptions) => {
      readApplyOptions(applyOptions);
      return pure(() => {
        const pixels = tf.reshape<tf.Rank.R2>(images, [images.shape[0], -1]);
        const features = params.layers.reduce<Tensor2D>((x, layer) => activate(activation, dense(layer, x)), pixels);
        return [dense(params.dense, features), state] as const;
      });
    },
  });
}
