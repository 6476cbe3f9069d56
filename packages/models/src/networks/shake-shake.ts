import { checkNumber, checkOptions, count, type Rule } from '@steppe/check';
import { foldIn, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';
import { applyShake, initShake, type ShakeParams, type ShakeState } from './shake-block.ts';
import { applyStages, initStages, type Stages } from './stages.ts';

/** Holds the parameters of a Shake-Shake network; `.stages[1][0].branches[0].conv1.kernel` is a path in it. */
export type ShakeShakeParams = {
  readonly stem: { readonly conv: ConvParams; readonly norm: NormParams };
  readonly stages: Stages<ShakeParams>;
  readonly dense: DenseParams;
};

/** Holds the running statistics of a Shake-Shake network. */
export type ShakeShakeState = { readonly stem: { readonly norm: NormState }; readonly stages: Stages<ShakeState> };

/** A Shake-Shake network as two pure functions. */
export type ShakeShake = Model<ShakeShakeParams, ShakeShakeState>;

/** Says which Shake-Shake network. */
export type ShakeShakeOptions = {
  /** Layers with weights on the longest path: 6n + 2 for n blocks in each of the three stages; 26 as published. */
  readonly depth: number;
  /** The channels of each of the two branches in the first stage, even; 32, 64 and 96 as published. */
  readonly width: number;
  /** How many logits come out. */
  readonly classes: number;
};

const depths: Rule = ['6n + 2 (8, 14, 20, 26, ...)', (depth) => count[1]((depth - 2) / 6)];
const widths: Rule = ['a positive even number', (width) => count[1](width / 2)];

/** The channels after the first convolution. */
const stemChannels = 16;

/**
 * Makes the network "Shake-Shake-Image" of the paper's CIFAR experiments, 26 2×`width`d: a convolution, three stages of
 * residual blocks with two branches of `width`, 2 · `width` and 4 · `width` channels, the latter two stages beginning
 * with a stride of 2, a mean over the image and a dense layer.
 *
 * In training the branches of every block are mixed at random for each image, anew on the way back (`shakeBranches`).
 * Where the channels change, the shortcut has two paths, of which the second sees the image moved by one pixel, as in
 * the code of the SAM paper. 26 2×32d has 2,923,162 parameters for ten classes, 2×64d 11,653,978 and 2×96d 26,192,922.
 * Initial values are those of `heNormal` and `initDense`. The gradient in training is no derivative, so it has no second
 * one: `hvp` of it is refused, and evaluation is what it takes.
 *
 * @throws When an option is out of its range or unknown; when applied in training without a key, or to a state of
 * another depth.
 * @see Gastaldi, Shake-Shake regularization (2017), table 1 (arXiv:1705.07485).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { shakeShake } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = shakeShake({ depth: 8, width: 4, classes: 10 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true, key: key(1) });
 * console.log(logits.shape); // => [ 2, 10 ]
 * ```
 */
export function shakeShake(options: ShakeShakeOptions): ShakeShake {
  checkOptions('shakeShake', options, ['depth', 'width', 'classes']);
  const { depth, width, classes } = options;
  checkNumber('depth', depth, depths);
  checkNumber('width', width, widths);
  checkNumber('classes', classes, count);
  const blocks = new Array<number>(3).fill((depth - 2) / 6);

  return checkedModel<ShakeShakeParams, ShakeShakeState>({
    init: (key, [, , channels]) => {
      const [stemKey, stagesKey, denseKey] = split(key, 3);
      const norm = initBatchNorm(stemChannels);
      const stages = initStages(stagesKey, blocks, (blockKey, { stage, first }) => {
        const own = width * 2 ** stage;
        return initShake(blockKey, !first ? own : stage === 0 ? stemChannels : own / 2, own);
      });
      return {
        params: {
          stem: { conv: initConv(stemKey, 3, channels, stemChannels), norm: norm.params },
          stages: stages.params,
          dense: initDense(denseKey, 4 * width, classes),
        },
        state: { stem: { norm: norm.state }, stages: stages.state },
      };
    },

    apply: (params, state, images, options) => {
      const { byBatch: training, key } = readApplyOptions(options, 'Shake-Shake');
      return pure(() => {
        const pixels = conv(params.stem.conv, images);
        const [start, norm] = batchNorm(params.stem.norm, state.stem.norm, pixels, { training });
        const [x, stages] = applyStages(params.stages, state.stages, start, (block, own, y, { stride, index }) =>
          applyShake(block, own, y, { training, stride, key: key && foldIn(key, index) }),
        );
        const features = tf.mean<tf.Tensor2D>(tf.relu(x), [1, 2]);
        return [dense(params.dense, features), { stem: { norm }, stages }] as const;
      });
    },
  });
}
