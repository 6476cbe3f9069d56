import { duration, percent, plural } from '../report/format.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './training.ts';

/** What a run came to: the content of summary.json. */
export type Summary = {
  readonly schema: 'steppe.summary/1';
  readonly name: string;
  readonly status: Outcome['status'];
  readonly steps: number;
  readonly epochs: number;
  /** The cost that SAM and SGD share: one is a gradient of one whole batch. */
  readonly gradientEvaluations: number;
  /** Of the last evaluation; null when none was made. */
  readonly testError: number | null;
  readonly testLoss: number | null;
  readonly testExamples: number | null;
  /** The step that the last evaluation was made after: the last one, unless the run was interrupted. */
  readonly testStep: number | null;
  /** L(w + ε̂) - L(w) on training images, at the radius of the run that others are compared with; null where nothing
   * was compared. */
  readonly sharpness: number | null;
  /** Of the last step's batch. */
  readonly trainingLoss: number | null;
  readonly seconds: number;
};

export function summarize({ name }: Plan, { status, last, evaluation, seconds }: Outcome): Summary {
  return {
    schema: 'steppe.summary/1',
    name,
    status,
    steps: last?.step ?? 0,
    epochs: last?.epoch ?? 0,
    gradientEvaluations: last?.gradientEvaluations ?? 0,
    testError: evaluation?.errorRate ?? null,
    testLoss: evaluation?.loss ?? null,
    testExamples: evaluation?.examples ?? null,
    testStep: evaluation?.step ?? null,
    sharpness: evaluation?.metrics.sharpness ?? null,
    trainingLoss: last?.loss ?? null,
    seconds,
  };
}

/** One line for people. */
export function summaryLine(summary: Summary): string {
  const { name, status, steps, testError, testExamples, testStep, gradientEvaluations, seconds } = summary;
  const error =
    testError === null || testExamples === null
      ? 'not evaluated'
      : `test error ${percent(testError)} (accuracy ${percent(1 - testError)}) on ${plural(testExamples, 'held-out image')}${testStep === steps ? '' : ` at step ${testStep}`}`;
  const cost = `${plural(gradientEvaluations, 'gradient evaluation')}, ${duration(seconds)}`;
  return `${name}: ${error}, ${cost}${status === 'interrupted' ? `, interrupted after step ${steps}` : ''}`;
}
