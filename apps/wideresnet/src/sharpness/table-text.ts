import { aligned } from '../report/comparison.ts';
import { percent, plural } from '../report/format.ts';
import { shownNorm } from '../run/radius.ts';
import type { AllMeasured } from './measure-runs.ts';
import type { Place, RunResult } from './result.ts';
import { isRounding, type Reading } from './taking.ts';

/** What a reader must know before the numbers mean anything. */
export const caution =
  'No measure predicts generalization by itself: flat minima that generalize badly exist, and sharp ones that do well. Compare runs of one network on one set of images, at equal loss, by several measures, beside their test errors.';

/** A number with three digits. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toPrecision(3);
  return text.includes('e') ? text : String(Number(text));
};

/** An error with two digits, as it is given beside a value. */
export const errorText = (error: number): string => ` ± ${String(Number(error.toPrecision(2)))}`;

const text = ({ value, error, note }: Reading): string =>
  `${short(value)}${error === undefined ? '' : errorText(error)}${note === undefined ? '' : ` (${note})`}`;

const failed = 'not measured';

/** The results of the runs, each with what lies between all of them: for tables, which have a column for each run. */
export const allResults = ({ runs, barrier, trajectory }: AllMeasured): readonly RunResult[] =>
  runs.map(({ result }) => ({
    ...result,
    measures: {
      ...result.measures,
      ...(barrier && { barrier: barrier.result }),
      ...(trajectory && { trajectory: trajectory.result }),
    },
  }));

/** What the runs came to, a row for each number and a column for each run. */
export function resultLines(runs: readonly RunResult[]): readonly string[] {
  const names = [
    ...new Set(
      runs.flatMap(({ measures }) =>
        Object.values(measures).flatMap((one) => (one.readings ?? []).map(({ name }) => name)),
      ),
    ),
  ];
  const all = runs.map(
    ({ measures }) =>
      new Map(Object.values(measures).flatMap((one) => (one.readings ?? []).map((each) => [each.name, each] as const))),
  );
  const rows = names.map((name) => [
    name,
    ...all.map((readings) => {
      const one = readings.get(name);
      return one === undefined ? failed : text(one);
    }),
  ]);
  return aligned({
    head: ['', ...runs.map(({ name }) => name)],
    rows: [
      ['step', ...runs.map(({ step }) => (step === null ? '' : String(step)))],
      ['loss', ...runs.map(({ loss }) => short(loss))],
      ['error rate', ...runs.map(({ errorRate }) => percent(errorRate))],
      ...rows,
    ],
  });
}

/** What it means that a difference of losses is rounding. */
const roundingWords =
  'Where it says rounding, the loss changes by less than float32 tells, 10⁻⁶ of it: such a rise is not drawn, and a larger --rho has a larger one.';

/** What to do about numbers that are rounding, where there are some. */
export const roundingLines = (runs: readonly RunResult[]): readonly string[] =>
  runs.some(({ measures }) =>
    Object.values(measures).some((one) =>
      one.readings?.some(({ value, resolution }) => resolution !== undefined && isRounding(value, resolution)),
    ),
  )
    ? [roundingWords]
    : [];

/** Why measures are missing, a line each. */
export const failureLines = (runs: readonly RunResult[]): readonly string[] => [
  ...new Set(
    runs.flatMap(({ name, measures }) =>
      Object.entries(measures).flatMap(([measure, { failure }]) => {
        const of = measure === 'barrier' || measure === 'trajectory' ? '' : ` of ${name}`;
        return failure === undefined ? [] : [`${measure}${of} is not measured: ${failure}`];
      }),
    ),
  ),
];

/** What the loss is and on which images, and how batch normalization took its statistics. */
export function takenOn({ images, lossIs, batchNorm }: Pick<Place, 'images' | 'lossIs' | 'batchNorm'>) {
  const kind = images.split === 'train' ? 'training image' : 'test image';
  return [
    `${lossIs} on ${plural(images.examples, kind)} of ${images.dataset}`,
    `batch normalization by ${batchNorm === 'evaluation' ? 'the running statistics' : "each batch's own statistics"}`,
  ] as const;
}

/** On what and where the numbers were taken. */
export function settingLines(runs: readonly RunResult[]): readonly string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const [loss, statistics] = takenOn(first);
  const hasError = runs.some(({ measures }) =>
    Object.values(measures).some(({ readings }) => readings?.some(({ error }) => error !== undefined)),
  );
  return [
    `${loss}, ρ = ${first.rho} at p = ${shownNorm(first.p)}, ${statistics}`,
    ...(hasError ? ['After ± stands one standard error, for eigenvalues how far they are off at most.'] : []),
  ];
}

/** Whether the runs were at equal loss; nothing of one alone. */
export function comparisonLine(runs: readonly RunResult[]): readonly string[] {
  const { comparison } = runs[0] ?? {};
  if (comparison === undefined) return [];
  const at = runs
    .map(({ name, step, loss }) => `${name}${step === null ? '' : ` at step ${step}`} with loss ${short(loss)}`)
    .join(', ');
  return comparison.isEqual
    ? [`Compared at equal loss: ${at}.`]
    : [
        `Not at equal loss: ${at}. The checkpoints that they left come no nearer (steppe train --keep-checkpoints leaves more), and the curvature of cross entropy falls with the loss: which of them is flatter these numbers do not say.`,
      ];
}
