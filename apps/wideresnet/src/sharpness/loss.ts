import type { Batch } from '@steppe/datasets';
import * as models from '@steppe/models';
import { key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { type LossOptions, meanLoss } from '../run/losses.ts';
import type { Network } from '../run/network.ts';

/** How the loss of a network is taken where its weights are measured. */
export type LossSetting = {
  readonly batchNorm: 'evaluation' | 'training';
  /** That of the run: its minima are those of the loss that it learned by. */
  readonly of: LossOptions;
  readonly seed: number;
};

/** The loss of a network in two parts, as a function of its parameters alone, and what people count beside it. */
export type MeasuredLoss = {
  readonly outputs: (params: Tree, batch: Batch) => Tensor2D;
  readonly lossOfOutputs: (logits: Tensor2D, batch: Batch) => Scalar;
  readonly loss: (params: Tree, batch: Batch) => Scalar;
  readonly accuracy: (params: Tree, batch: Batch) => Scalar;
};

/** Makes the loss of a network around some weights; nothing is drawn anew between two calls. */
export function lossOf(network: Network, state: Tree, { batchNorm, of, seed }: LossSetting): MeasuredLoss {
  const mode =
    batchNorm === 'training' ? ({ training: true, key: key(seed) } as const) : ({ training: false } as const);
  const outputs = (params: Tree, { images }: Batch): Tensor2D => network.apply(params, state, images, mode)[0];
  const lossOfOutputs = (logits: Tensor2D, { labels }: Batch): Scalar => meanLoss(logits, labels, of);
  return {
    outputs,
    lossOfOutputs,
    loss: (params, batch) => lossOfOutputs(outputs(params, batch), batch),
    accuracy: (params, batch) => models.accuracy(outputs(params, batch), batch.labels),
  };
}
