import { checkOptions } from '@steppe/check';
import { foldIn, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Activation, activations } from '../layers/activation.ts';
import { initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { readApplyOptions } from './apply-options.ts';
import type { Model } from './model.ts';
import { applyBlock, type BlockParams, type BlockState, initBlock, normActivate } from './wide-block.ts';

/** Holds the parameters of a WideResNet; `.groups[1][0].shortcut.kernel` is a path in it. */
export type WideResNetParams = {
  readonly stem: ConvParams;
  readonly groups: readonly (readonly BlockParams[])[];
  readonly norm: NormParams;
  readonly dense: DenseParams;
};

/** Holds the running statistics of a WideResNet. */
export type WideResNetState = {
  readonly groups: readonly (readonly BlockState[])[];
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

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1;

function check({ depth, width, classes, dropout = 0, activation = 'relu' }: WideResNetOptions): void {
  if (!isCount((depth - 4) / 6)) throw new Error(`depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got ${depth}.`);
  if (!isCount(width)) throw new Error(`width must be a whole number from 1 up, got ${width}.`);
  if (!isCount(classes)) throw new Error(`classes must be a whole number from 1 up, got ${classes}.`);
  if (!(dropout >= 0 && dropout < 1)) throw new Error(`dropout must be at least 0 and below 1, got ${dropout}.`);
  if (!Object.hasOwn(activations, activation))
    throw new Error(`activation must be one of ${Object.keys(activations).join(', ')}, got ${activation}.`);
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
  checkOptions('wideResNet', options, ['depth', 'width', 'classes', 'dropout', 'activation']);
  check(options);
  const { depth, width, classes, dropout = 0, activation = 'relu' } = options;
  const blocksPerGroup = (depth - 4) / 6;
  const widths = [16, 16 * width, 32 * width, 64 * width] as const;
  const last = widths[3];

  return {
    init: (key, [, , channels]) => {
      const [stemKey, groupsKey, denseKey] = split(key, 3);
      const groups = widths.slice(1).map((out, g) =>
        Array.from({ length: blocksPerGroup }, (_, b) => {
          const blockKey = foldIn(groupsKey, g * blocksPerGroup + b);
          return initBlock(blockKey, b === 0 ? (widths[g] as number) : out, out);
        }),
      );
      const norm = initBatchNorm(last);
      return {
        params: {
          stem: initConv(stemKey, 3, channels, widths[0]),
          groups: groups.map((blocks) => blocks.map(({ params }) => params)),
          norm: norm.params,
          dense: initDense(denseKey, last, classes),
        },
        state: { groups: groups.map((blocks) => blocks.map(({ state }) => state)), norm: norm.state },
      };
    },

    apply: (params, state, images, options) => {
      const { byBatch, key: masks } = readApplyOptions(options, dropout > 0 ? `dropout ${dropout}` : undefined);
      return pure(() => {
        let x: Tensor4D = conv(params.stem, images);
        const groups = params.groups.map((blocks, g) =>
          blocks.map((block, b) => {
            const [y, next] = applyBlock(block, blockState(state, g, b), x, {
              training: byBatch,
              activation,
              stride: g > 0 && b === 0 ? 2 : 1,
              ...(masks && { dropout: { key: foldIn(masks, g * blocksPerGroup + b), rate: dropout } }),
            });
            // Freed here, not at the end: an evaluation then holds two layers at a time. The gradient tape keeps its
            // own copies.
            x.dispose();
            x = y;
            return next;
          }),
        );
        const [active, norm] = normActivate(params.norm, state.norm, x, { training: byBatch, activation });
        const features = tf.mean<tf.Tensor2D>(active, [1, 2]);
        return [dense(params.dense, features), { groups, norm }] as const;
      });
    },
  };
}

function blockState({ groups }: WideResNetState, g: number, b: number): BlockState {
  const found = groups[g]?.[b];
  if (found !== undefined) return found;
  throw new Error(
    `The state has nothing at ".groups[${g}][${b}]": pass the state that init or apply gave for these parameters.`,
  );
}
