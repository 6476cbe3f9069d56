import { type EvaluationRecord, evaluationRecord } from '@steppe/train';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { alone } from '../workers/alone.ts';
import { gatherMeasured, shareOf } from '../workers/share-evaluation.ts';
import type { Stop } from '../workers/stop.ts';
import type { AnyImages } from './augmented.ts';
import type { Weights } from './best-weights.ts';
import { unixTime } from './clock.ts';
import type { Data } from './data.ts';
import { type HeldMeasuring, heldMeasuring } from './held-measure.ts';
import { keysOf } from './keys.ts';
import { evaluateNetwork } from './network.ts';
import type { Plan } from './plan.ts';
import { measureSharpness } from './sharpness.ts';
import type { Start } from './training.ts';

/** Where a run stands. */
export type Place = Pick<EvaluationRecord, 'step' | 'epoch'>;

/** Ends a run that has left the numbers; the last step may be the one that did, of which only a held-out loss tells. */
export function checkLoss(name: string, loss: number, { step, epoch }: Place): void {
  if (Number.isFinite(loss)) return;
  throw new CommandError(
    `The ${name} is ${loss} at step ${step} (epoch ${epoch}): try a smaller --lr or --rho.`,
    exitCode.data,
  );
}

/** Measures some weights of a run on held-out images. */
export type Measure = ((weights: Weights, name: Plan['split'], place: Place) => Promise<EvaluationRecord | undefined>) &
  Pick<HeldMeasuring, 'finish' | 'dispose'>;

/**
 * Makes the measure of a run; where runs are compared it is also of their sharpness, on the images that it is chosen
 * by.
 *
 * @param warn - Is told what cannot be replayed.
 * @param stop - Ends an evaluation, on all ranks after as many batches.
 * @returns A measure that is undefined where that ended it, and throws when the loss is no finite number.
 */
export function measureOf(
  { options, split }: Plan,
  data: Data,
  { network, radius, workers = alone }: Pick<Start, 'network' | 'radius' | 'workers'>,
  stop: Pick<Stop, 'signal' | 'look'>,
  warn: (message: string) => void,
): Measure {
  const images: { readonly [name in Plan['split']]: AnyImages } = {
    test: data.dataset.test,
    validation: data.validation ?? data.dataset.test,
  };
  const { steps: key } = keysOf(options.seed);
  const { measure: heldMeasure, finish, dispose } = heldMeasuring(network, options.eager, warn);
  const measure = async (...[weights, name, place]: Parameters<Measure>): ReturnType<Measure> => {
    const held = await evaluateNetwork(
      heldMeasure,
      weights,
      shareOf(images[name], workers, stop),
      gatherMeasured(workers),
    ).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    if (held === undefined) return;
    checkLoss(`${name} loss`, held.loss, place);
    const isCompared = radius !== undefined && name === split;
    const flatness = isCompared
      ? { sharpness: await measureSharpness(network, weights, data, options, radius, key) }
      : {};
    return evaluationRecord(
      { ...held, ...flatness },
      { step: place.step, epoch: place.epoch, split: name, timestamp: unixTime() },
    );
  };
  return Object.assign(measure, { finish, dispose });
}
