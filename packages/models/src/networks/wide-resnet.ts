import { aNumber, belowOne, checkNumber, checkOptions, count, oneOf, type Rule } from '@steppe/check';
import { foldIn, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Activation, activations } from '../layers/activation.ts';
import { initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import type { Model } from './model.ts';
import { applyStages, initStages, type Stages } from './stages.ts';
import { applyBlock, type BlockParams, type BlockState, initBlock, normActivate } from './wide-block.ts';

/** Holds the parameters of a WideResNet; `.groups[1][0].shortcut.kernel` is a path in it. */
export type WideResNetParams = {
  readonly stem: ConvParams;
  readonly groups: Stages<BlockParams>;
  readonly norm: NormParams;
  readonly dense: DenseParams;
};

/** Holds the running statistics of a WideResNet. */
export type WideResNetState = {
  readonly groups: Stages<BlockState>;
  readonly norm: NormState;
};

/** A WideResNet as two pure functions. */
export type WideResNet = Model<WideResNetParams, WideResNetState>;

/** Says which WideResNet. */
export type WideResNetOptions = {
  /** Layers with weights on the longest path: 6n + 4 for n blocks in each of the three groups. */
  readonly depth: number;
  /** Multiplies the 16, 32 and 64 channels of the three groups. */
  readonly width: number;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The share of entries dropped between the two convolutions of a block, 0 ≤ dropout < 1.
   *
   * @defaultValue 0
   */
  readonly dropout?: number;
  /**
   * The nonlinearity.
   *
   * @defaultValue 'relu'
   */
  readonly activation?: Activation;
};

/** The depths that there are. */
export const wideDepths: Rule = ['6n + 4 (10, 16, 22, 28, 40, ...)', (depth) => count[1]((depth - 4) / 6)];

function check(options: WideResNetOptions): void {
  checkOptions('wideResNet', options, {
    depth: aNumber(wideDepths),
    width: aNumber(count),
    classes: aNumber(count),
    dropout: aNumber(belowOne),
    activation: oneOf(...Object.keys(activations)),
  });
  checkNumber('depth', options.depth, wideDepths);
  checkNumber('width', options.width, count);
  checkNumber('classes', options.classes, count);
}

/**
 * Makes the network of the paper's CIFAR experiments, WRN-`depth`-`width`: a convolution, three groups of
 * pre-activation residual blocks with 16, 32 and 64 times `width` channels, the latter two starting with a stride of 2,
 * a mean over the image and a dense layer.
 *
 * Topology and counts are the published ones: WRN-28-10 has 36,479,194 parameters on CIFAR-10, WRN-16-4 has 2,748,890.
 * Images may have any size and number of channels. Initial values follow the paper's code (`heNormal`, `initDense`).
 *
 * @throws When an option is out of its range or unknown; when applied in training with dropout but without a key, or to
 * a state of another depth.
 * @see Zagoruyko and Komodakis, Wide residual networks (2016), table 1 (arXiv:1605.07146).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { wideResNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 * import { size } from '@steppe/tree';
 *
 * const model = wideResNet({ depth: 10, width: 1, classes: 10 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: false });
 * console.log(size(params), logits.shape); // => 77850 [ 2, 10 ]
 * ```
 */
export function wideResNet(options: WideResNetOptions): WideResNet {
  check(options);
  const { depth, width, classes, dropout = 0, activation = 'relu' } = options;
  const blocks = new Array<number>(3).fill((depth - 4) / 6);
  const widths = [16, 16 * width, 32 * width, 64 * width] as const;
  const last = widths[3];

  return checkedModel<WideResNetParams, WideResNetState>({
    init: (key, [, , channels]) => {
      const [stemKey, groupsKey, denseKey] = split(key, 3);
      const groups = initStages(groupsKey, blocks, (blockKey, { stage, first }) => {
        const out = widths[stage + 1] as number;
        return initBlock(blockKey, first ? (widths[stage] as number) : out, out);
      });
      const norm = initBatchNorm(last);
      return {
        params: {
          stem: initConv(stemKey, 3, channels, widths[0]),
          groups: groups.params,
          norm: norm.params,
          dense: initDense(denseKey, last, classes),
        },
        state: { groups: groups.state, norm: norm.state },
      };
    },

    apply: (params, state, images, options) => {
      const { byBatch, key: masks } = readApplyOptions(options, dropout > 0 ? `dropout ${dropout}` : undefined);
      return pure(() => {
        const [x, groups] = applyStages(
          params.groups,
          state.groups,
          conv(params.stem, images),
          (block, own, y, { stride, index }) =>
            applyBlock(block, own, y, {
              ...{ training: byBatch, activation, stride },
              ...(masks && { dropout: { key: foldIn(masks, index), rate: dropout } }),
            }),
          '.groups',
        );
        const [active, norm] = normActivate(params.norm, state.norm, x, { training: byBatch, activation });
        const features = tf.mean<tf.Tensor2D>(active, [1, 2]);
        return [dense(params.dense, features), { groups, norm }] as const;
      });
    },
  });
}
