import type { Measurement, Pair } from '../training/contest.ts';
import type { Finding, Landscape } from '../training/survey.ts';

/** A curve of each optimizer over the steps. */
export type Curves = { readonly steps: number[]; readonly sgd: number[]; readonly sam: number[] };

/** What a run has shown so far; it grows in place, and whoever adds to it redraws. */
export type Record = {
  readonly loss: Curves;
  /** The loss again, averaged over the last ten steps. */
  readonly smooth: Curves;
  readonly accuracy: Curves;
  readonly sharpness: Curves;
  /** The largest eigenvalue of the Hessian, and how far the last ones may be from one. */
  readonly lambdaMax: Curves;
  bound: Pair | undefined;
  line: readonly number[];
  landscape: Landscape | undefined;
  tensors: number;
  /** How long each step of both took, in milliseconds. */
  readonly times: number[];
};

const curves = (): Curves => ({ steps: [], sgd: [], sam: [] });

export const emptyRecord = (): Record => ({
  loss: curves(),
  smooth: curves(),
  accuracy: curves(),
  sharpness: curves(),
  lambdaMax: curves(),
  bound: undefined,
  line: [],
  landscape: undefined,
  tensors: 0,
  times: [],
});

function add({ steps, sgd, sam }: Curves, step: number, pair: Pair): void {
  steps.push(step);
  sgd.push(pair.sgd);
  sam.push(pair.sam);
}

const WINDOW = 10;

/** The mean of the last few values, of fewer at the beginning. */
function recent(values: readonly number[]): number {
  const few = values.slice(-WINDOW);
  return few.reduce((sum, value) => sum + value, 0) / few.length;
}

/** Adds the losses at the weights after `step - 1` steps. */
export function addStep(record: Record, step: number, loss: Pair, milliseconds: number): void {
  add(record.loss, step - 1, loss);
  add(record.smooth, step - 1, { sgd: recent(record.loss.sgd), sam: recent(record.loss.sam) });
  record.times.push(milliseconds);
}

export function addMeasurement(record: Record, measurement: Measurement, tensors: number): void {
  add(record.accuracy, measurement.step, measurement.accuracy);
  add(record.sharpness, measurement.step, measurement.sharpness);
  record.line = measurement.line;
  record.tensors = tensors;
}

export function addFinding(record: Record, finding: Finding): void {
  if (finding.type === 'landscape') record.landscape = finding.landscape;
  else {
    const { step, lambdaMax, bound } = finding.curvature;
    add(record.lambdaMax, step, lambdaMax);
    record.bound = bound;
  }
}

/** The last value of a curve of each optimizer, once there is one. */
export const last = ({ sgd, sam }: Curves): Pair | undefined => {
  const [a, b] = [sgd.at(-1), sam.at(-1)];
  return a === undefined || b === undefined ? undefined : { sgd: a, sam: b };
};

/** How long a step of both takes at present, in milliseconds. */
export const pace = ({ times }: Record): number => recent(times);
