import type { StepRecord } from '@steppe/train';
import type { Plan } from '../run/plan.ts';

/** What a progress bar says about a step. */
export type Pace = {
  readonly epoch: string;
  /** Averaged over the last dozen steps or so: those of a single batch jump about. */
  readonly loss: string;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
};

const memory = 0.9;

/** Follows a run and says how fast it is and how long it will take, from its whole time so far, evaluations
 * included. */
export function follow({ options, steps, epochs }: Plan): (line: StepRecord) => Pace {
  let weight = 0;
  let loss = 0;
  let accuracy = 0;
  return (line) => {
    weight = memory * weight + 1 - memory;
    loss = memory * loss + (1 - memory) * line.loss;
    accuracy = memory * accuracy + (1 - memory) * (line.metrics.accuracy ?? 0);
    return {
      epoch: `${line.epoch}/${epochs}`,
      loss: (loss / weight).toFixed(3),
      accuracy: accuracy / weight,
      imagesPerSecond: (line.step * options.batch) / line.seconds,
      secondsLeft: (line.seconds / line.step) * (steps - line.step),
    };
  };
}
