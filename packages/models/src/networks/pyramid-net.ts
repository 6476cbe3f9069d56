import { checkNumber, checkOneOf, checkOptions, count, positive, weight } from '@steppe/check';
import { foldIn, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';
import { applyPyramid, initPyramid, type PyramidParams, type PyramidState } from './pyramid-block.ts';
import { expansion } from './residual-block.ts';
import { applyStages, initStages, type Stages } from './stages.ts';

/** Holds the parameters of a PyramidNet; `.stages[1][0].conv1.kernel` is a path in it. */
export type PyramidNetParams = {
  readonly stem: { readonly conv: ConvParams; readonly norm: NormParams };
  readonly stages: Stages<PyramidParams>;
  readonly norm: NormParams;
  readonly dense: DenseParams;
};

/** Holds the running statistics of a PyramidNet. */
export type PyramidNetState = {
  readonly stem: { readonly norm: NormState };
  readonly stages: Stages<PyramidState>;
  readonly norm: NormState;
};

/** A PyramidNet as two pure functions. */
export type PyramidNet = Model<PyramidNetParams, PyramidNetState>;

/** Says which PyramidNet. */
export type PyramidNetOptions = {
  /** Layers with weights on the longest path: 6n + 2 for n blocks in each of the three stages, 9n + 2 of bottlenecks. */
  readonly depth: number;
  /** How many channels the blocks add to the first 16, each an equal share; the paper of SAM has 200 at depth 272. */
  readonly alpha: number;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * Whether blocks narrow to a quarter of their channels inside.
   *
   * @defaultValue false
   */
  readonly bottleneck?: boolean;
  /**
   * The probability p_L that ShakeDrop leaves the branch of the last of L blocks as it is, in [0, 1]; that of block l is
   * 1 - (1 - p_L) · l / L. Published is 0.5.
   *
   * @defaultValue none: nothing is shaken
   */
  readonly shakeDrop?: number;
  /**
   * What becomes of a fraction of a channel: `nearest` rounds as the SAM paper's code, `floor` cuts off as the equation in
   * the paper of PyramidNet.
   *
   * @defaultValue 'nearest'
   */
  readonly channels?: 'nearest' | 'floor';
};

/** The channels after the first convolution. */
const stemChannels = 16;

function check(options: PyramidNetOptions): number {
  checkOptions('pyramidNet', options, ['depth', 'alpha', 'classes', 'bottleneck', 'shakeDrop', 'channels']);
  const { depth, alpha, classes, bottleneck = false, shakeDrop = 1, channels = 'nearest' } = options;
  checkOneOf('bottleneck', bottleneck, [true, false]);
  const [layers, depths] = bottleneck ? [9, '9n + 2 (11, 20, ..., 164, 200, 272)'] : [6, '6n + 2 (8, 14, ..., 110)'];
  checkNumber('depth', depth, [depths, (d) => count[1]((d - 2) / layers)]);
  checkNumber('alpha', alpha, positive);
  checkNumber('classes', classes, count);
  checkNumber('shakeDrop', shakeDrop, weight);
  checkOneOf('channels', channels, ['nearest', 'floor']);
  return (depth - 2) / layers;
}

/**
 * Makes the network PyramidNet of the paper's CIFAR experiments, with or without ShakeDrop: a convolution, three stages
 * of residual blocks whose channels grow with every block from 16 to 16 + `alpha`, the latter two stages beginning with
 * a stride of 2, a mean over the image and a dense layer.
 *
 * Shortcuts have no parameters. With `shakeDrop` every block's branch is kept or scaled at random for each image, anew
 * on the way back (`shakeDrop`); that gradient is no derivative, so `hvp` of it is refused, and evaluation is what it
 * takes. For ten classes 110 with alpha 48 has 1,772,706 parameters and 272 with bottlenecks and alpha 200 26,210,842;
 * with channels cut off they are the published 1.7 and 26.0 million. Initial values are those of `heNormal` and
 * `initDense`.
 *
 * @throws When an option is out of its range or unknown; when applied in training with ShakeDrop but without a key, or
 * to a state of another depth.
 * @see Han et al., Deep pyramidal residual networks (2017), table 1 and equation 2 (arXiv:1610.02915); Yamada et al.,
 * ShakeDrop (2018), section 4.1 (arXiv:1802.02375).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { pyramidNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = pyramidNet({ depth: 8, alpha: 12, classes: 10, shakeDrop: 0.5 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: true, key: key(1) });
 * console.log(logits.shape, params.norm.scale.shape); // => [ 2, 10 ] [ 28 ]
 * ```
 */
export function pyramidNet(options: PyramidNetOptions): PyramidNet {
  const blocks = check(options);
  const { alpha, classes, bottleneck = false, shakeDrop, channels: whole = 'nearest' } = options;
  const total = 3 * blocks;
  const cut = whole === 'floor' ? Math.floor : Math.round;
  /** The channels inside of a block, counted from 0, and after it; -1 is the stem. */
  const inside = (index: number): number => cut(stemChannels + (alpha * (index + 1)) / total);
  const after = (index: number): number => (index < 0 || !bottleneck ? 1 : expansion) * inside(index);

  return checkedModel<PyramidNetParams, PyramidNetState>({
    init: (key, [, , channels]) => {
      const [stemKey, stagesKey, denseKey] = split(key, 3);
      const stages = initStages(stagesKey, [blocks, blocks, blocks], (blockKey, { index }) =>
        initPyramid(blockKey, after(index - 1), inside(index), bottleneck),
      );
      const [stem, norm] = [initBatchNorm(stemChannels), initBatchNorm(after(total - 1))];
      return {
        params: {
          stem: { conv: initConv(stemKey, 3, channels, stemChannels), norm: stem.params },
          stages: stages.params,
          norm: norm.params,
          dense: initDense(denseKey, after(total - 1), classes),
        },
        state: { stem: { norm: stem.state }, stages: stages.state, norm: norm.state },
      };
    },

    apply: (params, state, images, options) => {
      const { byBatch: training, key } = readApplyOptions(options, shakeDrop === undefined ? undefined : 'ShakeDrop');
      return pure(() => {
        const pixels = conv(params.stem.conv, images);
        const [start, stem] = batchNorm(params.stem.norm, state.stem.norm, pixels, { training });
        const [x, stages] = applyStages(params.stages, state.stages, start, (block, own, y, { stride, index }) => {
          const keep = 1 - ((1 - (shakeDrop ?? 1)) * (index + 1)) / total;
          return applyPyramid(block, own, y, { training, stride, keep, key: key && foldIn(key, index) });
        });
        const [active, norm] = batchNorm(params.norm, state.norm, x, { training, relu: true });
        const features = tf.mean<tf.Tensor2D>(active, [1, 2]);
        return [dense(params.dense, features), { stem: { norm: stem }, stages, norm }] as const;
      });
    },
  });
}
