import { checkNumber, checkOneOf, checkOptions, count } from '@steppe/check';
import { split } from '@steppe/random';
import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { maxPool } from '../layers/max-pool.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';
import { applyResidual, expansion, initResidual, type ResidualParams, type ResidualState } from './residual-block.ts';
import { applyStages, initStages, type Stages } from './stages.ts';

/** Holds the parameters of a ResNet; `.stages[1][0].conv1.kernel` is a path in it. */
export type ResNetParams = {
  readonly stem: { readonly conv: ConvParams; readonly norm: NormParams };
  readonly stages: Stages<ResidualParams>;
  readonly dense: DenseParams;
};

/** Holds the running statistics of a ResNet. */
export type ResNetState = { readonly stem: { readonly norm: NormState }; readonly stages: Stages<ResidualState> };

/** A ResNet as two pure functions. */
export type ResNet = Model<ResNetParams, ResNetState>;

/** Says which ResNet. */
export type ResNetOptions = {
  /** Layers with weights on the longest path: 18, 34, 50, 101 or 152 as published; 10, 14 and 26 by the same rule. */
  readonly depth: ResNetDepth;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The channels of the first stage; each further one has twice as many.
   *
   * @defaultValue 64
   */
  readonly width?: number;
  /**
   * What comes before the first stage: `imagenet` is a convolution of 7 × 7 with stride 2 and a max pool of 3 × 3 with
   * stride 2, `small` a convolution of 3 × 3 with stride 1, and `auto` takes `small` for images with a side below 64.
   *
   * @defaultValue 'auto'
   */
  readonly stem?: 'auto' | 'imagenet' | 'small';
  /**
   * Whether every branch begins as zero, by the scale of its last normalization, as in the paper's code.
   *
   * @defaultValue false, as in torchvision
   */
  readonly zeroInitResidual?: boolean;
};

/** The blocks of each stage, and whether they are bottlenecks. */
export const variants = {
  10: { blocks: [1, 1, 1, 1], bottleneck: false },
  14: { blocks: [1, 1, 1, 1], bottleneck: true },
  18: { blocks: [2, 2, 2, 2], bottleneck: false },
  26: { blocks: [2, 2, 2, 2], bottleneck: true },
  34: { blocks: [3, 4, 6, 3], bottleneck: false },
  50: { blocks: [3, 4, 6, 3], bottleneck: true },
  101: { blocks: [3, 4, 23, 3], bottleneck: true },
  152: { blocks: [3, 8, 36, 3], bottleneck: true },
} as const;

/** Layers of the ResNets that there are. */
export type ResNetDepth = keyof typeof variants;

/** Whether the shape changes in a block, so that its shortcut is learned. */
export const isProjected = (bottleneck: boolean, stage: number, first: boolean): boolean =>
  first && (bottleneck || stage > 0);

/** Images with a shorter side begin without losing pixels. */
const smallSide = 64;

function check(options: ResNetOptions): void {
  checkOptions('resNet', options, ['depth', 'classes', 'width', 'stem', 'zeroInitResidual']);
  const { depth, classes, width = 64, stem = 'auto', zeroInitResidual = false } = options;
  checkOneOf('depth', depth, Object.keys(variants).map(Number));
  checkNumber('classes', classes, count);
  checkNumber('width', width, count);
  checkOneOf('stem', stem, ['auto', 'imagenet', 'small']);
  checkOneOf('zeroInitResidual', zeroInitResidual, [true, false]);
}

/**
 * Makes the network of the paper's ImageNet experiments: a stem, four stages of residual blocks of which the latter
 * three begin with a stride of 2, a mean over the image and a dense layer.
 *
 * Topology, counts and names (`resNetNames`) are torchvision's: a bottleneck has its stride at the convolution of 3 × 3
 * ("v1.5"). ResNet-50 has 25,557,032 parameters for 1,000 classes. Images may have any size and number of channels.
 * Initial values are those of `heNormal` and `initDense`.
 *
 * @throws When an option is out of its range or unknown; when applied to a state of another network.
 * @see He et al., Deep residual learning for image recognition (2015), table 1 (arXiv:1512.03385).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { resNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = resNet({ depth: 18, classes: 10, width: 4 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: false });
 * console.log(logits.shape, params.stem.conv.kernel.shape); // => [ 2, 10 ] [ 3, 3, 3, 4 ]
 * ```
 */
export function resNet(options: ResNetOptions): ResNet {
  check(options);
  const { depth, classes, width = 64, stem = 'auto', zeroInitResidual = false } = options;
  const { blocks, bottleneck } = variants[depth];
  const after = (stage: number): number => (bottleneck ? expansion : 1) * width * 2 ** stage;

  return checkedModel<ResNetParams, ResNetState>({
    init: (key, [height, side, channels]) => {
      const [stemKey, stagesKey, denseKey] = split(key, 3);
      const small = stem === 'small' || (stem === 'auto' && Math.min(height, side) < smallSide);
      const norm = initBatchNorm(width);
      const stages = initStages(stagesKey, blocks, (blockKey, { stage, first }) => {
        return initResidual(blockKey, {
          before: !first ? after(stage) : stage === 0 ? width : after(stage - 1),
          channels: width * 2 ** stage,
          bottleneck,
          projected: isProjected(bottleneck, stage, first),
          lastScale: zeroInitResidual ? 0 : 1,
        });
      });
      return {
        params: {
          stem: { conv: initConv(stemKey, small ? 3 : 7, channels, width), norm: norm.params },
          stages: stages.params,
          dense: initDense(denseKey, after(3), classes),
        },
        state: { stem: { norm: norm.state }, stages: stages.state },
      };
    },

    apply: applyResNet,
  });
}

/** Applies a ResNet; its parameters tell which stem it has. */
export const applyResNet: ResNet['apply'] = (params, state, images, options) => {
  const { byBatch: training } = readApplyOptions(options);
  const small = params.stem.conv.kernel.shape[0] === 3;
  return pure(() => {
    const pixels = conv(params.stem.conv, images, small ? 1 : 2);
    const [active, norm] = batchNorm(params.stem.norm, state.stem.norm, pixels, { training, relu: true });
    const start = small ? active : maxPool(active, 3, 2);
    const [x, stages] = applyStages(params.stages, state.stages, start, (block, own, y, { stride }) =>
      applyResidual(block, own, y, { training, stride }),
    );
    const features = tf.mean<tf.Tensor2D>(x, [1, 2]);
    return [dense(params.dense, features), { stem: { norm }, stages }] as const;
  });
};
