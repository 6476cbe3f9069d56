import { aNumber, belowOne, checkNumber, checkOneOf, checkOptions, count, oneOf, positive } from '@steppe/check';
import { foldIn, type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { type DenseParams, dense, initDense } from '../layers/dense.ts';
import { dropout as dropFeatures } from '../layers/dropout.ts';
import { readApplyOptions } from './apply-options.ts';
import { checkedModel } from './checked-model.ts';
import { type EfficientNetScale, type EfficientNetVariant, efficientNetScales, scaled } from './efficient-net-scale.ts';
import { applyMBConv, type Conventions, initMBConv, type MBConvParams, type MBConvState, normSilu } from './mb-conv.ts';
import type { Model } from './model.ts';
import { there } from './stages.ts';

/** Holds the parameters of an EfficientNet; `.stages[1][0].depthwise.kernel` is a path in it. */
export type EfficientNetParams = {
  readonly stem: ConvParams;
  readonly stemNorm: NormParams;
  readonly stages: readonly (readonly MBConvParams[])[];
  readonly head: ConvParams;
  readonly headNorm: NormParams;
  readonly dense: DenseParams;
};

/** Holds the running statistics of an EfficientNet. */
export type EfficientNetState = {
  readonly stemNorm: NormState;
  readonly stages: readonly (readonly MBConvState[])[];
  readonly headNorm: NormState;
};

/** An EfficientNet as two pure functions. */
export type EfficientNet = Model<EfficientNetParams, EfficientNetState>;

/** Says which EfficientNet. */
export type EfficientNetOptions = {
  /** One of the published ones, or a scale of your own by the same rule. */
  readonly variant: EfficientNetVariant | EfficientNetScale;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * Whose network, for weights that were learned there: `tensorflow` is the authors' (timm's `tf_efficientnet_*`), which
   * pads as TensorFlow does; `timm` (`efficientnet_*`) and `torchvision` pad alike on every side and have other epsilons
   * and momenta.
   *
   * @defaultValue 'tensorflow'
   */
  readonly like?: 'tensorflow' | 'timm' | 'torchvision';
  /**
   * The share of features dropped before the classifier, 0 ≤ dropout < 1.
   *
   * @defaultValue that of the variant, 0.2 to 0.5
   */
  readonly dropout?: number;
  /**
   * The probability that an example goes without the last block's branch; blocks before it have proportionally less.
   *
   * @defaultValue 0.2
   */
  readonly dropConnect?: number;
};

/** Whether torchvision took a variant over with the epsilon and the momentum of the authors. */
const takenOver: readonly unknown[] = ['b5', 'b6', 'b7'];

function conventionsOf({ variant, like = 'tensorflow' }: EfficientNetOptions): Conventions {
  const authors = like === 'tensorflow' || (like === 'torchvision' && takenOver.includes(variant));
  const padding = like === 'tensorflow' ? 'same' : 'symmetric';
  return authors ? { epsilon: 1e-3, momentum: 0.99, padding } : { epsilon: 1e-5, momentum: 0.9, padding };
}

/** Checks the options, and finds the scale. */
export function readEfficientNetOptions(name: string, options: EfficientNetOptions): EfficientNetScale {
  const shares = { dropout: aNumber(belowOne), dropConnect: aNumber(belowOne) };
  const like = oneOf('tensorflow', 'timm', 'torchvision');
  checkOptions(name, options, { variant: () => {}, classes: aNumber(count), like, ...shares });
  checkNumber('classes', options.classes, count);
  const { variant } = options;
  if (typeof variant !== 'object' || variant === null) {
    checkOneOf('variant', variant, Object.keys(efficientNetScales));
    return efficientNetScales[variant];
  }
  checkOptions('variant', variant, { width: aNumber(positive), depth: aNumber(positive), dropout: shares.dropout });
  checkNumber('width', variant.width, positive);
  checkNumber('depth', variant.depth, positive);
  return variant;
}

/**
 * Makes an EfficientNet, which the paper finetunes: a convolution, seven stages of inverted bottlenecks with
 * squeeze-and-excitation, a 1×1 convolution, a mean over the image and a dense layer; wider and deeper by one rule from
 * B0 to B7 and L2.
 *
 * Counts are the published ones: B0 has 5,288,548 parameters on ImageNet, B7 66,347,960. `efficientNetScales` tells the
 * side of the images of each variant; any other that 32 divides will do.
 *
 * @throws When an option is out of its range or unknown; when applied in training with noise but without a key, or to a
 * state of another depth.
 * @see Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks (2019), table 1 and equation
 * 3 (arXiv:1905.11946); L2: Xie et al., Self-training with noisy student (2020), table 7 (arXiv:1911.04252).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { efficientNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const model = efficientNet({ variant: { width: 0.1, depth: 0.1 }, classes: 10 });
 * const { params, state } = model.init(key(0), [32, 32, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 32, 32, 3]), { training: true, key: key(1) });
 * console.log(params.stages.length, logits.shape); // => 7 [ 2, 10 ]
 * ```
 */
export function efficientNet(options: EfficientNetOptions): EfficientNet {
  const scale = readEfficientNetOptions('efficientNet', options);
  const { classes, dropout = scale.dropout ?? 0.2, dropConnect = 0.2 } = options;
  const shape = scaled(scale);
  const blocks = shape.stages.flat().length;
  const conventions = conventionsOf(options);
  const noise = [dropout > 0 ? `dropout ${dropout}` : [], dropConnect > 0 ? `drop connect ${dropConnect}` : []].flat();

  return checkedModel<EfficientNetParams, EfficientNetState>({
    init: (key, [, , channels]) => {
      const [stemKey, stagesKey, headKey, denseKey] = split(key, 4) as [Key, Key, Key, Key];
      let index = 0;
      const stages = shape.stages.map((all) => all.map((block) => initMBConv(foldIn(stagesKey, index++), block)));
      const [stemNorm, headNorm] = [initBatchNorm(shape.stem), initBatchNorm(shape.head)];
      return {
        params: {
          stem: initConv(stemKey, 3, channels, shape.stem),
          stemNorm: stemNorm.params,
          stages: stages.map((all) => all.map(({ params }) => params)),
          head: initConv(headKey, 1, shape.stages.at(-1)?.at(-1)?.outChannels ?? 0, shape.head),
          headNorm: headNorm.params,
          dense: initDense(denseKey, shape.head, classes),
        },
        state: {
          stemNorm: stemNorm.state,
          stages: stages.map((all) => all.map(({ state }) => state)),
          headNorm: headNorm.state,
        },
      };
    },

    apply: (params, state, images, applyOptions) => {
      const { byBatch, key } = readApplyOptions(applyOptions, noise.length > 0 ? noise.join(' and ') : undefined);
      const norm = { ...conventions, training: byBatch };
      return pure(() => {
        const first = conv(params.stem, images, 2, conventions.padding);
        let [x, stemNorm]: readonly [Tensor4D, NormState] = normSilu(params.stemNorm, state.stemNorm, first, norm);
        let index = 0;
        const stages = params.stages.map((all, s) =>
          all.map((block, b) => {
            const rate = (dropConnect * index) / blocks;
            const [y, next] = applyMBConv(block, there(state.stages[s]?.[b], `.stages[${s}][${b}]`), x, {
              ...norm,
              stride: shape.stages[s]?.[b]?.stride ?? 1,
              ...(key && rate > 0 && { drop: { key: foldIn(key, index), rate } }),
            });
            index += 1;
            // Freed here, not at the end, so that an evaluation holds two layers at a time.
            x.dispose();
            x = y;
            return next;
          }),
        );
        const [active, headNorm] = normSilu(params.headNorm, state.headNorm, conv(params.head, x), norm);
        const features = tf.mean<tf.Tensor2D>(active, [1, 2]);
        const kept = key && dropout > 0 ? dropFeatures<tf.Rank.R2>(foldIn(key, blocks), dropout, features) : features;
        return [dense(params.dense, kept), { stemNorm, stages, headNorm }] as const;
      });
    },
  });
}
