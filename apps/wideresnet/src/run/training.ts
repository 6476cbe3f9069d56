import { batches } from '@steppe/datasets';
import type { Key } from '@steppe/random';
import { type EvaluationRecord, readReport, type StepRecord, stepRecord, train, trainStep } from '@steppe/train';
import { clone, dispose, type Tree } from '@steppe/tree';
import { weightsToEvaluate } from './average.ts';
import { keepBest } from './best-weights.ts';
import { sinceStart, unixTime } from './clock.ts';
import { augmentation, type Data } from './data.ts';
import { checkLoss, measureOf } from './evaluation.ts';
import { keysOf } from './keys.ts';
import { exampleLosses, type Network, trainingLoss } from './network.ts';
import { makeOptimizer } from './optimizer.ts';
import type { Plan } from './plan.ts';
import { isOutOfPatience } from './selection.ts';
import type { Radius } from './sharpness.ts';

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
  /** The evaluation on the validation images that chose these weights, where there are such images. */
  readonly best?: EvaluationRecord;
  /** The measure on the test images: the last one, or that of the best weights. */
  readonly test?: EvaluationRecord;
  /** Whether it ended since it got no better. */
  readonly stoppedEarly: boolean;
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

/**
 * Trains a network as planned and tells the observer of every step and, after each epoch or a few, of its error on
 * held-out images.
 *
 * With validation images those are the ones; the test images are then measured once, at the end, on the best weights.
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
  const { 'label-smoothing': smoothing } = options;
  const keys = keysOf(options.seed);
  const step = trainStep(
    trainingLoss(network, smoothing),
    makeOptimizer(options, steps, exampleLosses(network, smoothing)),
  );
  const seconds = sinceStart();
  let gradientEvaluations = 0;
  let lastStep: StepRecord | undefined;
  let evaluation: EvaluationRecord | undefined;
  const kept = data.validation && keepBest();
  const early = new AbortController();
  const measure = measureOf(plan, data, { network, radius }, signal);

  const start = step.start(initial.params, initial.state, keys.steps);
  try {
    const end = await train(
      step,
      start,
      trainingBatches(plan, data, keys.data),
      async ({ position, report }) => {
        const epoch = Math.ceil(position.step / stepsPerEpoch);
        const read = await readReport(report);
        const at = { step: position.step, epoch };
        checkLoss('loss', read.loss, at);
        gradientEvaluations += report.gradients;
        lastStep = stepRecord(read, { ...at, gradientEvaluations, seconds: seconds(), timestamp: unixTime() });
        observer.onStep(lastStep);
        const isEvaluated = position.step % plan.evaluateEvery === 0 || position.step === steps;
        if (!isEvaluated || signal.aborted) return;
        const weights = await weightsToEvaluate(position, plan, data, network, epoch);
        try {
          const record = await measure(weights, plan.split, at);
          if (record === undefined) return;
          evaluation = record;
          observer.onEvaluation(record, seconds());
          if (kept !== undefined && isOutOfPatience(kept.take(record, weights), options.patience)) early.abort();
        } finally {
          dispose(weights);
        }
      },
      { signal: AbortSignal.any([signal, early.signal]) },
    );
    try {
      const isWhole = evaluation?.step === steps || early.signal.aborted;
      const [best, weights] = [kept?.selection().best, kept?.weights()];
      // Once, and not before the choice is made.
      const final = best && weights && isWhole ? await measure(weights, 'test', best) : undefined;
      if (final) observer.onEvaluation(final, seconds());
      const test = kept === undefined ? evaluation : final;
      return {
        ...(weights === undefined
          ? await weightsToEvaluate(end, plan, data, network, Math.ceil(end.step / stepsPerEpoch))
          : clone(weights)),
        status: isWhole && test !== undefined ? 'complete' : 'interrupted',
        stoppedEarly: early.signal.aborted,
        seconds: seconds(),
        ...(lastStep && { last: lastStep }),
        ...(best && { best }),
        ...(test && { test }),
      };
    } finally {
      dispose(end);
    }
  } finally {
    kept?.free();
    dispose(start);
  }
}
