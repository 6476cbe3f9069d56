import { type Batch, batches } from '@steppe/datasets';
import { type Position, reestimateState } from '@steppe/train';
import { clone, type Tree } from '@steppe/tree';
import type { Weights } from './best-weights.ts';
import { augmentation, type Data } from './data.ts';
import { imagesAtOnce } from './images-at-once.ts';
import { keysOf } from './keys.ts';
import type { Network } from './network.ts';
import type { Plan } from './plan.ts';

/** Batches that the statistics of averaged weights are taken over: running means forget 0.9^50 = 0.5 % of their start. */
const most = 50;

/** The average that the last link of a chain keeps, if it is `averageWeights`. */
function averageIn(states: readonly Tree[]): Tree | undefined {
  const last = states.at(-1);
  return typeof last === 'object' && last !== null && 'average' in last ? last.average : undefined;
}

async function* firstBatches({ options }: Plan, { dataset }: Data, epoch: number): AsyncGenerator<Batch> {
  const augment = augmentation(options.augment);
  let made = 0;
  for await (const batch of batches(dataset.train, {
    batchSize: imagesAtOnce(options),
    seed: keysOf(options.seed).data,
    epoch,
    shuffle: true,
    dropRemainder: true,
    ...(augment && { augment }),
  })) {
    yield batch;
    made += 1;
    if (made === most) return;
  }
}

/**
 * Gives the weights of a run that are evaluated: those of the position, or their average where the chain ends with
 * `averageWeights`, with running statistics that were estimated anew on training images.
 *
 * @param epoch - Decides which training images are looked at.
 * @returns The caller's.
 */
export async function weightsToEvaluate(
  { params, state, optimizer }: Pick<Position<Tree, Tree, readonly Tree[]>, 'params' | 'state' | 'optimizer'>,
  plan: Plan,
  data: Data,
  network: Network,
  epoch: number,
): Promise<Weights> {
  const average = averageIn(optimizer);
  if (average === undefined) return clone({ params, state });
  const { steps: key } = keysOf(plan.options.seed);
  const next = (before: Tree, { images }: Batch): Tree =>
    network.apply(average, before, images, { training: true, key })[1];
  return { params: clone(average), state: await reestimateState(next, state, firstBatches(plan, data, epoch)) };
}
