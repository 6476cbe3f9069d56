import { type Batch, batches } from '@steppe/datasets';
import { type Position, reestimateState } from '@steppe/train';
import { type ScheduleFreeState, scheduleFreeWeights } from '@steppe/transforms';
import { clone, type Tree } from '@steppe/tree';
import { trainingImages } from './augmented.ts';
import type { Weights } from './best-weights.ts';
import type { Data } from './data.ts';
import { withNamedFaults } from './image-faults.ts';
import { imagesAtOnce } from './images-at-once.ts';
import { keysOf } from './keys.ts';
import type { Network } from './network.ts';
import type { Plan } from './plan.ts';

/** Batches that the statistics of averaged weights are taken over: running means forget 0.9^50 = 0.5 % of their start. */
const most = 50;

/** Whether a state is that of `scheduleFree`. */
const isScheduleFree = (state: object): state is ScheduleFreeState<Tree> => 'z' in state && 'largestRate' in state;

/** The average that the last link of a chain keeps, if it is `averageWeights` or `scheduleFree`; the caller's. */
function averageIn(params: Tree, states: readonly Tree[]): Tree | undefined {
  const last = states.at(-1);
  if (typeof last !== 'object' || last === null) return undefined;
  if ('average' in last) return clone(last.average);
  return isScheduleFree(last) ? scheduleFreeWeights(params, last) : undefined;
}

async function* firstBatches({ options }: Plan, { dataset }: Data, epoch: number): AsyncGenerator<Batch> {
  const { split, changes } = trainingImages(options, dataset);
  let made = 0;
  const ofEpoch = batches(split, {
    batchSize: imagesAtOnce(options),
    seed: keysOf(options.seed).data,
    epoch,
    shuffle: true,
    dropRemainder: true,
    ...changes,
  });
  for await (const batch of withNamedFaults(ofEpoch)) {
    yield batch;
    made += 1;
    if (made === most) return;
  }
}

/**
 * Gives the weights of a run that are evaluated: those of the position, or their average where the chain ends with
 * `averageWeights` or `scheduleFree`. Running statistics are those of the position, or, of an average and where the
 * options say so, estimated anew on training images.
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
  const average = averageIn(params, optimizer);
  if (average === undefined && plan.options['reestimate-statistics'] !== true) return clone({ params, state });
  const weights = average ?? clone(params);
  const { steps: key } = keysOf(plan.options.seed);
  const next = (before: Tree, { images }: Batch): Tree =>
    network.apply(weights, before, images, { training: true, key })[1];
  return { params: weights, state: await reestimateState(next, state, firstBatches(plan, data, epoch)) };
}
