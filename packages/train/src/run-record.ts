import { checkRecord } from '@steppe/check';
import { checkReport } from './check-scalars.ts';
import type { ReadReport } from './read-report.ts';
import type { Numbers } from './read-scalars.ts';

/** What one step of a run was like: a line of the run log. */
export type StepRecord = {
  readonly schema: 1;
  readonly type: 'step';
  /** Steps made, this one included. */
  readonly step: number;
  readonly epoch: number;
  /** L(w), before the step. */
  readonly loss: number;
  /** L(w + ε̂); only with SAM, as are the next three and rho. */
  readonly perturbedLoss?: number;
  /** L(w + ε̂) - L(w). */
  readonly sharpness?: number;
  /** ‖∇L(w)‖_q, in the norm dual to that of ε̂. */
  readonly gradientNorm?: number;
  /** ‖ε̂‖ₚ. */
  readonly epsilonHatNorm?: number;
  /** The factor of the step, positive; only when the optimizer reports its `scale`. */
  readonly learningRate?: number;
  readonly rho?: number;
  /** Gradients of a whole batch that the run has evaluated so far. */
  readonly gradientEvaluations: number;
  /** Seconds since the run began. */
  readonly seconds: number;
  /** When the step was made, in seconds since 1970 (Unix time). */
  readonly timestamp?: number;
  /** What the loss gave beside its value, and what else the optimizer's links reported. */
  readonly metrics: Numbers;
};

/** What a run measured on data that it does not learn from: a line of the run log. */
export type EvaluationRecord = {
  readonly schema: 1;
  readonly type: 'evaluation';
  readonly step: number;
  readonly epoch: number;
  /** The name of the data, such as `test`. */
  readonly split: string;
  /** When it was measured, in seconds since 1970 (Unix time). */
  readonly timestamp?: number;
  readonly examples: number;
  readonly loss?: number;
  /** A share from 0 to 1. */
  readonly errorRate?: number;
  /** What else was measured. */
  readonly metrics: Numbers;
};

/** What was changed where a run was resumed otherwise than it had begun: a line of the run log. */
export type ChangeRecord = {
  readonly schema: 1;
  readonly type: 'change';
  /** The steps made before the change. */
  readonly step: number;
  /** Seconds since 1970. */
  readonly timestamp?: number;
  /** By name, the value before and the one from here on; `null` for none. */
  readonly changes: { readonly [name: string]: readonly [before: Setting, now: Setting] };
};

type Setting = string | number | boolean | null;

export type RunRecord = StepRecord | EvaluationRecord | ChangeRecord;

/** Leaves out what was not measured: an absent number is absent, not null or NaN. */
const present = <Name extends string>(
  values: { readonly [name in Name]: number | undefined },
): {
  readonly [name in Name]?: number;
} =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [name in Name]?: number };

/**
 * Makes the run log's record of a step from what the step reported.
 *
 * @param read - From `readReport`.
 * @param at - Where the run stands after the step.
 *
 * @example
 * ```ts
 * import { stepRecord } from '@steppe/train';
 *
 * const read = { loss: 2, metrics: {}, report: { perturbedLoss: 2.5, rho: 0.05, scale: -0.1 } };
 * const { sharpness, learningRate } = stepRecord(read, { step: 1, epoch: 0, gradientEvaluations: 2, seconds: 0.1 });
 * console.log(sharpness, learningRate); // => 0.5 0.1
 * ```
 */
export function stepRecord(
  read: ReadReport,
  at: Pick<StepRecord, 'step' | 'epoch' | 'gradientEvaluations' | 'seconds' | 'timestamp'>,
): StepRecord {
  checkReport(read, ['metrics', 'report']);
  checkRecord('Where a run stands', at);
  const { loss, metrics, report } = read;
  const { perturbedLoss, gradientNorm, epsilonHatNorm, rho, scale, ...others } = report;
  const { step, epoch, gradientEvaluations, seconds, timestamp } = at;
  return {
    schema: 1,
    type: 'step',
    step,
    epoch,
    loss,
    ...present({
      perturbedLoss,
      sharpness: perturbedLoss === undefined ? undefined : perturbedLoss - loss,
      gradientNorm,
      epsilonHatNorm,
      // Updates are added, so the rate enters a chain negative; 0 - 0 is 0 where -0 would be -0.
      learningRate: scale === undefined ? undefined : 0 - scale,
      rho,
    }),
    gradientEvaluations,
    seconds,
    ...present({ timestamp }),
    metrics: { ...others, ...metrics },
  };
}

/**
 * Makes the run log's record of what was changed where a run was resumed.
 *
 * @param at - The steps made before the change, and when it is.
 *
 * @example
 * ```ts
 * import { changeRecord, printRecord } from '@steppe/train';
 *
 * console.log(printRecord(changeRecord({ step: 40 }, { epochs: [2, 4] }))); // => {"schema":1,"type":"change","step":40,"changes":{"epochs":[2,4]}}
 * ```
 */
export function changeRecord(
  at: Pick<ChangeRecord, 'step' | 'timestamp'>,
  changes: ChangeRecord['changes'],
): ChangeRecord {
  checkRecord('Where a run stands', at);
  checkRecord('The changes', changes);
  const { step, timestamp } = at;
  return { schema: 1, type: 'change', step, ...present({ timestamp }), changes };
}

/**
 * Makes the run log's record of an evaluation from what `evaluate` returned.
 *
 * @example
 * ```ts
 * import { evaluationRecord } from '@steppe/train';
 *
 * const measured = { loss: 0.5, errorRate: 0.125, confidence: 0.9, examples: 1000 };
 * const { errorRate, metrics } = evaluationRecord(measured, { step: 100, epoch: 1, split: 'test' });
 * console.log(errorRate, metrics); // => 0.125 { confidence: 0.9 }
 * ```
 */
export function evaluationRecord(
  measured: Numbers & { readonly examples: number },
  at: Pick<EvaluationRecord, 'step' | 'epoch' | 'split' | 'timestamp'>,
): EvaluationRecord {
  checkRecord('What was measured', measured);
  checkRecord('Where a run stands', at);
  const { examples, loss, errorRate, ...metrics } = measured;
  const { step, epoch, split, timestamp } = at;
  return {
    schema: 1,
    type: 'evaluation',
    step,
    epoch,
    split,
    ...present({ timestamp }),
    examples,
    ...present({ loss, errorRate }),
    metrics,
  };
}
