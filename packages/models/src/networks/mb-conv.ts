import { type Key, split } from '@steppe/random';
import { pure } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { activate } from '../layers/activation.ts';
import { batchNorm, initBatchNorm, type NormParams, type NormState } from '../layers/batch-norm.ts';
import { type ConvParams, conv, initConv } from '../layers/conv.ts';
import { depthwiseConv, initDepthwiseConv } from '../layers/depthwise-conv.ts';
import { dropPath } from '../layers/drop-path.ts';
import type { Padding } from '../layers/padding.ts';
import { initSqueezeExcite, type SqueezeExciteParams, squeezeExcite } from '../layers/squeeze-excite.ts';
import type { MBConvShape } from './efficient-net-scale.ts';

/** Holds the parameters of a block: `expand` and its norm are absent where the block does not widen. */
export type MBConvParams = {
  readonly expand?: ConvParams;
  readonly norm1?: NormParams;
  readonly depthwise: ConvParams;
  readonly norm2: NormParams;
  readonly excite: SqueezeExciteParams;
  readonly project: ConvParams;
  readonly norm3: NormParams;
};

/** Holds the running statistics of a block. */
export type MBConvState = { readonly norm1?: NormState; readonly norm2: NormState; readonly norm3: NormState };

/** How normalizations and windows of a network are. */
export type Conventions = { readonly epsilon: number; readonly momentum: number; readonly padding: Padding };

/** Says how a block is applied; without `drop` its branch is left out of no example. */
export type MBConvOptions = Conventions & {
  readonly training: boolean;
  readonly stride: number;
  readonly drop?: { readonly key: Key; readonly rate: number };
};

/** Draws the parameters and the state of a block. */
export function initMBConv(
  key: Key,
  { inChannels, expand, outChannels, size }: MBConvShape,
): { readonly params: MBConvParams; readonly state: MBConvState } {
  const [expandKey, depthwiseKey, exciteKey, projectKey] = split(key, 4) as [Key, Key, Key, Key];
  const inside = inChannels * expand;
  const norms = expand === 1 ? undefined : initBatchNorm(inside);
  const [norm2, norm3] = [initBatchNorm(inside), initBatchNorm(outChannels)];
  return {
    params: {
      ...(norms && { expand: initConv(expandKey, 1, inChannels, inside), norm1: norms.params }),
      depthwise: initDepthwiseConv(depthwiseKey, size, inside),
      norm2: norm2.params,
      excite: initSqueezeExcite(exciteKey, inside, Math.max(1, Math.floor(inChannels / 4))),
      project: initConv(projectKey, 1, inside, outChannels),
      norm3: norm3.params,
    },
    state: { ...(norms && { norm1: norms.state }), norm2: norm2.state, norm3: norm3.state },
  };
}

/** Normalizes, then applies the nonlinearity. */
export function normSilu(
  params: NormParams,
  state: NormState,
  x: Tensor4D,
  { training, momentum, epsilon }: Pick<MBConvOptions, 'training' | 'momentum' | 'epsilon'>,
): readonly [Tensor4D, NormState] {
  const [normed, next] = batchNorm(params, state, x, { training, momentum, epsilon });
  return [activate('silu', normed), next];
}

/**
 * Applies an inverted bottleneck: expands the channels, convolves each on its own, weighs them, and projects them back;
 * added to its input where the shapes agree.
 *
 * @see Sandler et al., MobileNetV2 (2018), figure 3 (b); Tan and Le, EfficientNet (2019), section 4.
 */
export function applyMBConv(
  params: MBConvParams,
  state: MBConvState,
  x: Tensor4D,
  options: MBConvOptions,
): readonly [Tensor4D, MBConvState] {
  const { stride, drop, padding, training, epsilon, momentum } = options;
  return pure(() => {
    let h = x;
    let norm1: NormState | undefined;
    if (params.expand !== undefined && params.norm1 !== undefined && state.norm1 !== undefined)
      [h, norm1] = normSilu(params.norm1, state.norm1, conv(params.expand, x), options);
    const inner = depthwiseConv(params.depthwise, h, stride, padding);
    const [active, norm2] = normSilu(params.norm2, state.norm2, inner, options);
    const projected = conv(params.project, squeezeExcite(params.excite, active, 'silu'));
    const [branch, norm3] = batchNorm(params.norm3, state.norm3, projected, { training, epsilon, momentum });
    const next = { ...(norm1 && { norm1 }), norm2, norm3 };
    if (stride !== 1 || branch.shape[3] !== x.shape[3]) return [branch, next] as const;
    return [tf.add(x, drop === undefined ? branch : dropPath(drop.key, drop.rate, branch)), next] as const;
  });
}
