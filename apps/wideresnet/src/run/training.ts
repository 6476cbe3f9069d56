import { batches } from '@steppe/datasets';
import type { Key } from '@steppe/random';
import {
  type EvaluationRecord,
  evaluationRecord,
  readReport,
  type StepRecord,
  stepRecord,
  train,
  trainStep,
} from '@steppe/train';
import { dispose, type Tree } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { augmentation, type Data, heldOut } from './data.ts';
import { keysOf } from './keys.ts';
import { evaluateNetwork, type Network, trainingLoss } from './network.ts';
import { makeOptimizer } from './optimizer.ts';
import type { Plan } from './plan.ts';
import { measureSharpness, type Radius } from './sharpness.ts';

/** Who wants to know how a run goes; epochs count from 1, seconds from the start, evaluations included. */
export type Observer = {
  onStep(record: StepRecord): void;
  onEvaluation(record: EvaluationRecord, seconds: number): void;
};

/** What all runs of one comparison start from. */
export type Start = {
  readonly network: Network;
  readonly params: Tree;
  readonly state: Tree;
  /** Where the sharpness of all of them is measured. */
  readonly radius?: Radius | undefined;
};

/** Where a run ended; the parameters and the state are the caller's. */
export type Outcome = {
  readonly status: 'complete' | 'interrupted';
  readonly params: Tree;
  readonly state: Tree;
  readonly last?: StepRecord;
  readonly evaluation?: EvaluationRecord;
  readonly seconds: number;
};

async function* trainingBatches({ options, epochs, steps }: Plan, { dataset }: Data, seed: Key) {
  const augment = augmentation(options.augment);
  let made = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1)
    for await (const batch of batches(dataset.train, {
      batchSize: options.batch,
      seed,
      epoch,
      shuffle: true,
      dropRemainder: true,
      ...(augment && { augment }),
    })) {
      yield batch;
      made += 1;
      if (made === steps) return;
    }
}

const sinceStart = (): (() => number) => {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
};

/** Seconds since 1970. */
const unixTime = (): number => Date.now() / 1000;

/** Ends a run that has left the numbers; the last step may be the one that did, of which only the test loss tells. */
function checkLoss(name: string, loss: number, step: number, epoch: number): void {
  if (Number.isFinite(loss)) return;
  throw new CommandError(
    `The ${name} is ${loss} at step ${step} (epoch ${epoch}): try a smaller --lr or --rho.`,
    exitCode.data,
  );
}

/**
 * Trains a network as planned and tells the observer of every step and, after each epoch, of its error on held-out
 * images.
 *
 * @param start - The network and where it starts; not freed.
 * @param signal - Ends the run after the step under way.
 * @throws When the loss, or that on the held-out images, is no longer a finite number.
 */
export async function runTraining(
  plan: Plan,
  data: Data,
  { network, radius, ...initial }: Start,
  observer: Observer,
  signal: AbortSignal,
): Promise<Outcome> {
  const { options, steps, stepsPerEpoch } = plan;
  const keys = keysOf(options.seed);
  const step = trainStep(trainingLoss(network, options['label-smoothing']), makeOptimizer(options, steps));
  const seconds = sinceStart();
  let gradientEvaluations = 0;
  let last: StepRecord | undefined;
  let evaluation: EvaluationRecord | undefined;

  const start = step.start(initial.params, initial.state, keys.steps);
  try {
    const end = await train(
      step,
      start,
      trainingBatches(plan, data, keys.data),
      async ({ position, report }) => {
        const epoch = Math.ceil(position.step / stepsPerEpoch);
        const read = await readReport(report);
        checkLoss('loss', read.loss, position.step, epoch);
        const at = { step: position.step, epoch };
        gradientEvaluations += report.gradients;
        last = stepRecord(read, { ...at, gradientEvaluations, seconds: seconds(), timestamp: unixTime() });
        observer.onStep(last);
        const isEvaluated = position.step % stepsPerEpoch === 0 || position.step === steps;
        if (!isEvaluated || signal.aborted) return;
        const held = await evaluateNetwork(network, position, heldOut(data, signal)).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
        if (held === undefined) return;
        checkLoss('test loss', held.loss, position.step, epoch);
        const sharpness = radius && (await measureSharpness(network, position, data, options, radius, keys.steps));
        evaluation = evaluationRecord(
          { ...held, ...(sharpness !== undefined && { sharpness }) },
          { ...at, split: 'test', timestamp: unixTime() },
        );
        observer.onEvaluation(evaluation, seconds());
      },
      { signal },
    );
    dispose(end.optimizer);
    return {
      status: evaluation?.step === steps ? 'complete' : 'interrupted',
      params: end.params,
      state: end.state,
      seconds: seconds(),
      ...(last && { last }),
      ...(evaluation && { evaluation }),
    };
  } finally {
    dispose(start);
  }
}
