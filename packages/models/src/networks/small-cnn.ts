import { checkNumber, checkOptions, count } from '@steppe/check';
import { foldIn } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import { checkWidths } from './mlp.ts';
import type { Model } from './model.ts';
import { there } from './stages.ts';

/** Holds the parameters of a small CNN; `.layers[0].conv.kernel` is a path in it. */
export type SmallCnnParams = {
  readonly layers: readonly { readonly conv: ConvParams; readonly norm: NormParams }[];
  readonly dense: DenseParams;
};

/** Holds the running statistics of a small CNN. */
export type SmallCnnState = { readonly layers: readonly { readonly norm: NormState }[] };

/** A small CNN as two pure functions. */
export type SmallCnn = Model<SmallCnnParams, SmallCnnState>;

/** Says which small CNN. */
export type SmallCnnOptions = {
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The channels of each convolution; after each the sides of the image are halved, rounded down.
   *
   * @defaultValue [32, 64, 128]
   */
  readonly widths?: readonly number[];
};

/**
 * Makes a small convolutional network for quick work: 3×3 convolutions, each normalized, rectified and followed by a
 * maximum over 2×2 pixels, then a mean over the image and a dense layer.
 *
 * @throws When an option is out of its range or unknown; when images are too small to be halved so often.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { smallCnn } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = smallCnn({ classes: 10 });
 * const { params, state } = model.init(key(0), [28, 28, 1]);
 * console.log(model.apply(params, state, tf.ones([2, 28, 28, 1]), { training: true })[0].shape); // => [ 2, 10 ]
 * ```
 */
export function smallCnn(options: SmallCnnOptions): SmallCnn {
  checkOptions('smallCnn', options, ['classes', 'widths']);
  const { classes, widths = [32, 64, 128] } = options;
  checkNumber('classes', classes, count);
  checkWidths(widths);

  return checkedModel<SmallCnnParams, SmallCnnState>({
    init: (key, [height, width, channels]) => {
      const least = 2 ** widths.length;
      if (Math.min(height, width) < least)
        throw new Error(
          `Images of ${least} pixels a side at least are halved ${widths.length} times, got ${height}×${width}.`,
        );
      const norms = widths.map((out) => initBatchNorm(out));
      const sizes = [channels, ...widths];
      return {
        params: {
          layers: norms.map(({ params: norm }, l) => ({
            conv: initConv(foldIn(key, l), 3, sizes[l] as number, sizes[l + 1] as number),
            norm,
          })),
          dense: initDense(foldIn(key, widths.length), sizes.at(-1) as number, classes),
        },
        state: { layers: norms.map(({ state: norm }) => ({ norm })) },
      };
    },
    apply: (params, state, images, applyOptions) => {
      const { byBatch } = readApplyOptions(applyOptions);
      return pure(() => {
        let x: Tensor4D = images;
        const layers = params.layers.map(({ conv: kernel, norm }, l) => {
          const before = there(state.layers[l], `.layers[${l}]`).norm;
          const [active, next] = batchNorm(norm, before, conv(kernel, x), { training: byBatch, relu: true });
          x = tf.maxPool(active, 2, 2, 'valid');
          return { norm: next };
        });
        return [dense(params.dense, tf.mean<tf.Tensor2D>(x, [1, 2])), { layers }] as const;
      });
    },
  });
}
