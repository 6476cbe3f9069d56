import type { Batch, Dataset } from '@steppe/datasets';
import * as models from '@steppe/models';
import { evaluate, type ModelLoss } from '@steppe/train';
import type { Tree } from '@steppe/tree';
import { type Network, type NetworkEntry, networks, type Size } from '../options/networks.ts';
import type { Options } from '../options/table.ts';

export type { Network };

/** What a network is made of. */
export type Architecture = Pick<Options, 'network' | 'depth' | 'width' | 'dropout'>;

const entryOf = ({ network }: Architecture): NetworkEntry => networks[network];

/** Makes the network that the options name, for the classes of a dataset. */
export const makeNetwork = (options: Architecture, { classes }: Pick<Dataset, 'classes'>): Network =>
  entryOf(options).make(models, options, classes.length);

/** What people call the network that the options name, such as `WRN-28-10`. */
export const titleOf = (options: Architecture): string => entryOf(options).title(options);

/** How large the network that the options name would be on the images of a dataset, before it is made. */
export const sizeOf = (options: Architecture, { classes, shape }: Pick<Dataset, 'classes' | 'shape'>): Size =>
  entryOf(options).size(models, options, shape, classes.length);

/** The loss to be minimized: cross entropy by the batch's own statistics; its metrics are those of the same pass. */
export function trainingLoss(network: Network, smoothing: number): ModelLoss<Tree, Tree, Batch> {
  return (params, state, { images, labels }, key) => {
    const [logits, next] = network.apply(params, state, images, { training: true, key });
    return [
      models.softmaxCrossEntropy(logits, labels, { smoothing }),
      { state: next, metrics: { accuracy: models.accuracy(logits, labels) } },
    ];
  };
}

/** How good a network is on images that it has not seen. */
export type Held = { readonly loss: number; readonly errorRate: number; readonly examples: number };

/** Measures loss and error on held-out images, with the running statistics. */
export async function evaluateNetwork(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  batches: AsyncIterable<Batch>,
): Promise<Held> {
  const {
    loss,
    errorRate: error,
    examples,
  } = await evaluate(({ images, labels }: Batch) => {
    const [logits] = network.apply(params, state, images, { training: false });
    return { loss: models.softmaxCrossEntropy(logits, labels), errorRate: models.errorRate(logits, labels) };
  }, batches);
  return { loss: loss ?? Number.NaN, errorRate: error ?? Number.NaN, examples };
}
