import type { Batch } from '@steppe/datasets';
import { softmaxCrossEntropy, type WideResNetParams, type WideResNetState, wideResNet } from '@steppe/models';
import type { ModelLoss } from '@steppe/train';
import type { Scalar } from '@tensorflow/tfjs-core';

export type Params = WideResNetParams;
export type State = WideResNetState;

/** WRN-10-1 with a smooth nonlinearity: the gradients of all backends then agree but for rounding. */
export const network = wideResNet({ depth: 10, width: 1, classes: 10, activation: 'silu' });

/** The loss that training minimizes, by the statistics of the batch. */
export const trainingLoss: ModelLoss<Params, State, Batch> = (params, state, { images, labels }) => {
  const [logits, next] = network.apply(params, state, images, { training: true });
  return [softmaxCrossEntropy(logits, labels), { state: next, metrics: {} }];
};

/**
 * The loss as a function of the weights alone, L(w) on some images.
 *
 * It normalizes by those images' statistics: the running ones belong to one w and would be wrong at w + ε or between
 * two networks.
 */
export const lossOf =
  (state: State) =>
  (params: Params, { images, labels }: Batch): Scalar =>
    softmaxCrossEntropy(network.apply(params, state, images, { training: true })[0], labels);
