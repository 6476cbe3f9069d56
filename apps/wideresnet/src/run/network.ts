import type { Batch, Dataset } from '@steppe/datasets';
import {
  accuracy,
  errorRate,
  softmaxCrossEntropy,
  type WideResNet,
  type WideResNetParams,
  type WideResNetState,
  wideResNet,
} from '@steppe/models';
import { evaluate, type ModelLoss } from '@steppe/train';
import type { Options } from '../options/options.ts';

export type Params = WideResNetParams;
export type State = WideResNetState;

type Architecture = Pick<Options, 'depth' | 'width' | 'dropout'>;

/** Makes the network that the options name, for the classes of a dataset. */
export function makeNetwork(
  { depth, width, dropout }: Architecture,
  { classes }: Pick<Dataset, 'classes'>,
): WideResNet {
  return wideResNet({ depth, width, dropout, classes: classes.length });
}

/** The loss to be minimized: cross entropy by the batch's own statistics; its metrics are those of the same pass. */
export function trainingLoss(network: WideResNet, smoothing: number): ModelLoss<Params, State, Batch> {
  return (params, state, { images, labels }, key) => {
    const [logits, next] = network.apply(params, state, images, { training: true, key });
    return [
      softmaxCrossEntropy(logits, labels, { smoothing }),
      { state: next, metrics: { accuracy: accuracy(logits, labels) } },
    ];
  };
}

/** How good a network is on images that it has not seen. */
export type Held = { readonly loss: number; readonly errorRate: number; readonly examples: number };

/** Measures loss and error on held-out images, with the running statistics. */
export async function evaluateNetwork(
  network: WideResNet,
  { params, state }: { readonly params: Params; readonly state: State },
  batches: AsyncIterable<Batch>,
): Promise<Held> {
  const {
    loss,
    errorRate: error,
    examples,
  } = await evaluate(({ images, labels }: Batch) => {
    const [logits] = network.apply(params, state, images, { training: false });
    return { loss: softmaxCrossEntropy(logits, labels), errorRate: errorRate(logits, labels) };
  }, batches);
  return { loss: loss ?? Number.NaN, errorRate: error ?? Number.NaN, examples };
}
