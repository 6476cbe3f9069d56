import type { World } from '@steppe/distributed';
import {
  type EvaluationRecord,
  type Position,
  readReport,
  type StepRecord,
  stepRecord,
  train,
  trainStep,
} from '@steppe/train';
import { clone, dispose, type Tree } from '@steppe/tree';
import { checkAlike } from '../workers/alike.ts';
import { alone } from '../workers/alone.ts';
import type { Stop } from '../workers/stop.ts';
import { weightsToEvaluate } from './average.ts';
import { type BestWeights, keepBest, type Weights } from './best-weights.ts';
import { sinceStart, unixTime } from './clock.ts';
import type { Data } from './data.ts';
import { checkLoss, measureOf } from './evaluation.ts';
import { keysOf } from './keys.ts';
import { exampleLosses, type Network, trainingLoss } from './network.ts';
import { namedIfNotFinite } from './not-finite.ts';
import { makeOptimizer } from './optimizer.ts';
import type { Plan } from './plan.ts';
import type { Pretrained } from './pretrained.ts';
import { type AnyPosition, nothingDone, type Progress, type Resumption } from './progress.ts';
import { fitting } from './resume/fitting.ts';
import { isOutOfPatience } from './selection.ts';
import type { Radius } from './sharpness.ts';
import { trainingBatches } from './training-batches.ts';

/** Who wants to know how a run goes; epochs count from 1, seconds from the start, evaluations included. */
export type Observer = {
  onStep(record: StepRecord): void;
  onEvaluation(record: EvaluationRecord, seconds: number): void;
  /** A position that the run can go on from is worth keeping; its tensors live until this returns. */
  onCheckpoint(position: AnyPosition, progress: Progress, isBest: boolean): void;
  note(text: string): void;
};

/** What all runs of one comparison start from. */
export type Start = {
  readonly network: Network;
  readonly params: Tree;
  readonly state: Tree;
  /** The file that the weights are of. */
  readonly pretrained?: Pretrained | undefined;
  /** Those that train together. */
  readonly workers?: World;
  /** Where the sharpness of all of them is measured. */
  readonly radius?: Radius | undefined;
};

/** Where a run ended; the tensors are the caller's. */
export type Outcome = {
  readonly status: 'complete' | 'interrupted';
  /** The weights that the run is about: the best ones, or the last. */
  readonly params: Tree;
  readonly state: Tree;
  /** Where it would go on. */
  readonly end: AnyPosition;
  readonly progress: Progress;
  readonly last?: StepRecord;
  /** The evaluation on the validation images that chose these weights, where there are such images. */
  readonly best?: EvaluationRecord;
  /** The measure on the test images: the last one, or that of the best weights. */
  readonly test?: EvaluationRecord;
  /** Whether it ended since it got no better. */
  readonly stoppedEarly: boolean;
  readonly seconds: number;
};

type RunPosition = Position<Tree, Tree, readonly Tree[]>;

/** Begins to keep the best weights, with those of a run that goes on. */
async function bestBefore(
  from: Resumption | undefined,
  weightsOf: (position: AnyPosition) => Promise<Weights>,
): Promise<BestWeights> {
  const { best, progress } = from ?? {};
  if (best === undefined || progress?.selection === undefined) return keepBest();
  const weights = await weightsOf(best);
  try {
    return keepBest({ selection: progress.selection, weights });
  } finally {
    dispose(weights);
  }
}

/** Minutes from one checkpoint to the next where nobody says. */
const everyMinutes = 5;

/**
 * Trains a network as planned and tells the observer of every step, after each epoch or a few of its error on held-out
 * images, and of the positions that are worth keeping: after each evaluation and every few minutes.
 *
 * With validation images those are the ones; the test images are then measured once, at the end, on the best weights.
 *
 * @param start - The network and where it starts; not freed.
 * @param stop - Ends the run after the step under way, on all ranks at the same one.
 * @param from - Where it goes on, bit for bit as without the break; not freed.
 * @throws When the loss, or that on the held-out images, is no longer a finite number.
 */
export async function runTraining(
  plan: Plan,
  data: Data,
  { network, radius, workers = alone, ...initial }: Start,
  observer: Observer,
  { signal, look }: Pick<Stop, 'signal' | 'look'>,
  from?: Resumption,
): Promise<Outcome> {
  const { options, steps, stepsPerEpoch } = plan;
  const keys = keysOf(options.seed);
  const optimizer = makeOptimizer(options, steps, exampleLosses(network, options), workers);
  const step = trainStep(trainingLoss(network, options), optimizer);
  const before = from?.progress ?? nothingDone;
  const seconds = sinceStart(before.seconds);
  let { gradientEvaluations, last, evaluation } = before;
  let kept: BestWeights | undefined;
  const early = new AbortController();
  const measure = measureOf(plan, data, { network, radius, workers }, { signal, look }, observer.note);

  const progress = (): Progress => ({
    gradientEvaluations,
    seconds: seconds(),
    ...(last && { last }),
    ...(evaluation && { evaluation }),
    ...(kept && { selection: kept.selection() }),
  });
  let keptAt = seconds();
  const checkpoint = (position: AnyPosition, isBest = false): void => {
    keptAt = seconds();
    observer.onCheckpoint(position, progress(), isBest);
  };
  const isDue = (): boolean => seconds() - keptAt >= 60 * (options['checkpoint-every'] ?? everyMinutes);
  const placeOf = ({ step: number }: AnyPosition) => ({ step: number, epoch: Math.ceil(number / stepsPerEpoch) });
  const weightsOf = (position: RunPosition): Promise<Weights> =>
    weightsToEvaluate(position, plan, data, network, placeOf(position).epoch);
  const isEvaluated = ({ step: number }: AnyPosition): boolean =>
    number > 0 && (number % plan.evaluateEvery === 0 || number === steps);
  const evaluate = async (position: RunPosition): Promise<void> => {
    checkAlike(workers, position);
    const weights = await weightsOf(position);
    try {
      const record = await measure(weights, plan.split, placeOf(position));
      if (record === undefined) return;
      evaluation = record;
      observer.onEvaluation(record, seconds());
      const selection = kept?.take(record, weights);
      if (selection && isOutOfPatience(selection, options.patience)) early.abort();
      checkpoint(position, selection?.since === 0);
    } finally {
      dispose(weights);
    }
  };

  const start = step.start(initial.params, initial.state, keys.steps);
  try {
    const begin = from ? fitting(from.position, start, optimizer) : start;
    if (data.validation) kept = await bestBefore(from, (position) => weightsOf(fitting(position, start, optimizer)));
    // A break may come between a step and its evaluation, or before the end that is due.
    if (isEvaluated(begin) && evaluation?.step !== begin.step && !signal.aborted) await evaluate(begin);
    if (kept && isOutOfPatience(kept.selection(), options.patience)) early.abort();
    const end = await train(
      step,
      begin,
      trainingBatches(plan, data, keys, begin.step, workers),
      async ({ position, report }) => {
        const place = placeOf(position);
        const read = await readReport(report);
        checkLoss('loss', read.loss, place);
        gradientEvaluations += report.gradients;
        last = stepRecord(read, { ...place, gradientEvaluations, seconds: seconds(), timestamp: unixTime() });
        observer.onStep(last);
        look();
        if (signal.aborted) return;
        if (isEvaluated(position)) await evaluate(position);
        else if (isDue()) checkpoint(position);
      },
      {
        signal: AbortSignal.any([signal, early.signal]),
        redoNonFinite: { warn: observer.note },
        capture: options.eager !== true && { warn: observer.note },
      },
    ).catch((error: unknown) => {
      throw namedIfNotFinite(error);
    });
    try {
      const isWhole = evaluation?.step === steps || early.signal.aborted;
      const [best, weights] = [kept?.selection().best, kept?.weights()];
      const reached = progress();
      // Once, and not before the choice is made.
      const final = best && weights && isWhole ? await measure(weights, 'test', best) : undefined;
      if (final) observer.onEvaluation(final, seconds());
      await measure.finish();
      const test = kept === undefined ? evaluation : final;
      return {
        ...(weights === undefined ? await weightsOf(end) : clone(weights)),
        end: clone(end),
        progress: reached,
        status: isWhole && test !== undefined ? 'complete' : 'interrupted',
        stoppedEarly: early.signal.aborted,
        seconds: seconds(),
        ...(last && { last }),
        ...(best && { best }),
        ...(test && { test }),
      };
    } finally {
      dispose(end);
    }
  } finally {
    measure.dispose();
    kept?.free();
    dispose(start);
  }
}
