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
  /** Of the last measure on the test images; null when none was made. */
  readonly testError: number | null;
  readonly testLoss: number | null;
  readonly testExamples: number | null;
  /** How often the label is not among the five likeliest classes; null where there are no more than five. */
  readonly testTop5Error: number | null;
  /** The expected calibration error of the same measure, over 15 bins of confidence. */
  readonly testCalibrationError: number | null;
  /** The step whose weights were tested: the last one, or the best by the validation images, unless the run was
   * interrupted. */
  readonly testStep: number | null;
  /** Of the best evaluation on images held out of the training images; null where none were. */
  readonly validationError: number | null;
  readonly validationLoss: number | null;
  readonly validationExamples: number | null;
  readonly validationTop5Error: number | null;
  readonly validationCalibrationError: number | null;
  /** The step of the best evaluation on them, whose weights are saved. */
  readonly bestStep: number | null;
  /** Whether the run ended before its last step since it got no better. */
  readonly stoppedEarly: boolean;
  /** L(w + ε̂) - L(w) on training images, at the radius of the run that others are compared with; null where nothing
   * was compared. */
  readonly sharpness: number | null;
  /** Of the last step's batch. */
  readonly trainingLoss: number | null;
  readonly seconds: number;
};

export function summarize({ name }: Plan, outcome: Outcome): Summary {
  const { status, last, test, best, stoppedEarly, seconds } = outcome;
  return {
    schema: 'steppe.summary/1',
    name,
    status,
    steps: last?.step ?? 0,
    epochs: last?.epoch ?? 0,
    gradientEvaluations: last?.gradientEvaluations ?? 0,
    testError: test?.errorRate ?? null,
    testLoss: test?.loss ?? null,
    testExamples: test?.examples ?? null,
    testTop5Error: test?.metrics.top5Error ?? null,
    testCalibrationError: test?.metrics.calibrationError ?? null,
    testStep: test?.step ?? null,
    validationError: best?.errorRate ?? null,
    validationLoss: best?.loss ?? null,
    validationExamples: best?.examples ?? null,
    validationTop5Error: best?.metrics.top5Error ?? null,
    validationCalibrationError: best?.metrics.calibrationError ?? null,
    bestStep: best?.step ?? null,
    stoppedEarly,
    sharpness: (best ?? test)?.metrics.sharpness ?? null,
    trainingLoss: last?.loss ?? null,
    seconds,
  };
}

/** How the weights were chosen, and what ended the run. */
function ending({ status, steps, bestStep, validationError, stoppedEarly }: Summary): string {
  const best =
    bestStep === null || validationError === null
      ? ''
      : `, the best of validation (${percent(validationError)} at step ${bestStep})`;
  if (status === 'interrupted') return `${best}, interrupted after step ${steps}`;
  return stoppedEarly ? `${best}, stopped after step ${steps}: it got no better` : best;
}

/** One line for people. */
export function summaryLine(summary: Summary): string {
  const { name, steps, testError, testExamples, testStep, bestStep, gradientEvaluations, seconds } = summary;
  const error =
    testError === null || testExamples === null
      ? 'not evaluated'
      : `test error ${percent(testError)} (accuracy ${percent(1 - testError)}) on ${plural(testExamples, 'held-out image')}${testStep === (bestStep ?? steps) ? '' : ` at step ${testStep}`}`;
  const cost = `${plural(gradientEvaluations, 'gradient evaluation')}, ${duration(seconds)}`;
  return `${name}: ${error}, ${cost}${ending(summary)}`;
}
