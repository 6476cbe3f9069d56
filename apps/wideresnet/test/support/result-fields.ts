import type { RhoResult, RhoRow } from '../../src/sharpness/advise-run.ts';
import type { MeasureResult, Place, RunResult } from '../../src/sharpness/result.ts';
import type { Reading } from '../../src/sharpness/taking.ts';
import { table } from './readme-tables.ts';

/** A sentence for every field of a type: one that is missing, or no field any more, does not compile. */
type FieldsOf<Type> = { readonly [field in keyof Type]-?: string };

const place = {
  name: 'the run, with its folder',
  step: 'the step that the weights are of; null where an old run does not say it',
  loss: 'the mean loss at the weights',
  errorRate: 'the share of the images that come out wrong, from 0 to 1',
  lossIs: 'what the loss is, in words',
  batchNorm: '`evaluation` or `training`: whose statistics normalize',
  images:
    '`dataset`, `split` (`train` or `test`), `examples`, `batch` (images that share a perturbation), `sameData` (whether the run was trained with these)',
} satisfies FieldsOf<Place>;

const programs = {
  device: 'the backend',
  versions: 'of `steppe`, `node` and `tfjs`',
  seconds: 'how long it took',
} satisfies FieldsOf<Pick<RunResult, 'device' | 'versions' | 'seconds'>>;

const run = {
  ...place,
  rho: 'the radius',
  p: 'its norm; `"Infinity"` where it is inf, as JSON has no such number',
  axes: 'what landscapes are drawn along',
  seed: 'of directions and of draws',
  measures: 'a record by the names of measures, see below',
  comparison:
    'of several runs only: `isEqual` (whether their losses are), `ratio` (the largest loss over the least), `with` (the others)',
  ...programs,
} satisfies FieldsOf<RunResult>;

const measure = {
  of: 'the function of `@steppe/sharpness`',
  readings: 'the numbers of the table on the screen, see below',
  found: 'all that the function returns but for tensors, as its documentation has it; points of pictures',
  batchNorm: '`training`, for `barrier` and `trajectory`',
  failure: 'why it could not be taken, in the place of `readings` and `found`',
} satisfies FieldsOf<MeasureResult>;

const reading = {
  name: 'what the number is called',
  value: 'the number',
  error: 'what stands after ±; absent where nothing is known of it',
  errorIs: '`standard error` or `bound`',
  resolution: 'of a difference of losses: the size up to which it is rounding of float32',
  note: 'what must be said beside it',
} satisfies FieldsOf<Reading>;

const rho = {
  schema: '`steppe.rho/1`',
  ...place,
  p: 'the norm of the radii; `"Infinity"` where it is inf',
  own: "the run's own radius; null where it had none, or one at another norm",
  points: 'a list with an entry for each radius, see below',
  advice:
    '`suggested` and `breaksAt` (the largest radius at which the linear model holds, and where it breaks; null where there is none), `words`',
  ...programs,
} satisfies FieldsOf<RhoResult>;

const point = {
  rho: 'the radius',
  rise: 'L(w + ε̂) - L(w), the mean over batches',
  standardError: 'of the rise; null for one batch',
  resolution: 'the size up to which the rise, and its ratio, is rounding of float32',
  promised: 'what the linear model says, ρ‖g‖_q',
  linearizationRatio: 'rise / promised',
  gradientCosine: 'cos(∇L(w), ∇L(w + ε̂)), the mean over batches; null where it is no number',
  failure: 'why there is no cosine',
} satisfies FieldsOf<RhoRow>;

const rows = (fields: { readonly [field: string]: string }): string =>
  table(
    ['field', 'is'],
    Object.entries(fields).map(([field, about]) => [`\`${field}\``, about]),
  );

/** What is in the files that the commands leave. */
export const fieldTables = (): string =>
  [
    '`sharpness.json` has `schema` (`steppe.sharpness/1`), `runs`, and where they are taken `barrier` and `trajectory`, which\nare measures as below. With `--json` these stand beside `event` and `files` in the one line that is printed; what\n`rho.json` has is the `result` of that of `steppe rho`. An entry of `runs`:',
    rows(run),
    'A measure:',
    rows(measure),
    'A reading:',
    rows(reading),
    '`rho.json`:',
    rows(rho),
    'An entry of `points`:',
    rows(point),
  ].join('\n\n');
