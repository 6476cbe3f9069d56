import { readReport, type TrainStep, trainStep } from '@steppe/train';
import { dispose, type Tree } from '@steppe/tree';
import type { Optimizer } from '../chain/param.ts';
import type { Data } from './data.ts';
import { keysOf } from './keys.ts';
import type { TrainingBatch } from './mixing.ts';
import { trainingLoss } from './network.ts';
import type { Plan } from './plan.ts';
import type { Start } from './training.ts';
import { trainingBatches } from './training-batches.ts';

/** A step of a run, to be made as often as one likes: it changes nothing. */
export type Trial = {
  /** Makes the step without waiting for the device. */
  readonly make: () => ReturnType<TrainStep<Tree, Tree, readonly Tree[], TrainingBatch>['update']>;
  /** Makes it to its end, and says what it took. */
  readonly time: () => Promise<{ readonly seconds: number; readonly gradients: number }>;
  readonly free: () => void;
};

async function firstBatch(plan: Plan, data: Data): Promise<TrainingBatch> {
  for await (const batch of trainingBatches(plan, data, keysOf(plan.options.seed), 0)) return batch;
  throw new Error('There are no training images.');
}

/** Prepares the first step of a run on a copy of where it starts. */
export async function tryStep(
  plan: Plan,
  data: Data,
  { network, params, state }: Start,
  optimizer: Optimizer,
): Promise<Trial> {
  const { options } = plan;
  const step = trainStep(trainingLoss(network, options), optimizer);
  const batch = await firstBatch(plan, data);
  const position = step.start(params, state, keysOf(options.seed).steps);
  const make = () => step.update(position, batch);
  return {
    make,
    async time() {
      const before = performance.now();
      const made = make();
      try {
        await readReport(made.report);
        return { seconds: (performance.now() - before) / 1000, gradients: made.report.gradients };
      } finally {
        dispose(made);
      }
    },
    free: () => dispose(position, batch),
  };
}
