import { ownOptions, readOptions, type Said, type SharpnessOptions } from './options.ts';

/** On what `steppe rho` looks at a run, and at which of its weights. */
export type RhoOptions = Pick<
  SharpnessOptions,
  'step' | 'data' | 'limit' | 'p' | 'batch-norm' | 'seed' | 'from' | 'out'
>;

/** The options that only this command has, in the order in which help prints them. */
export const rhoOptions = {
  step: ownOptions.step,
  data: ownOptions.data,
  limit: ownOptions.limit,
  p: { value: 'norm', about: "the norm of the radius, from 1 to inf (the run's, else 2)" },
  'batch-norm': ownOptions['batch-norm'],
  from: ownOptions.from,
  out: { value: 'folder', about: 'where rho.json and the picture go, new or empty (<run>/rho-<date>)' },
} as const satisfies { readonly [name: string]: { readonly value: string; readonly about: string } };

/** What the command line says of them. */
export type RhoSaid = Pick<Said, 'step' | 'data' | 'limit' | 'p' | 'batchNorm' | 'from' | 'out'>;

/**
 * Reads what the command line says.
 *
 * @throws When a value is not allowed, with the option, the value and what is allowed.
 */
export const readRhoOptions = (said: RhoSaid): RhoOptions => readOptions(said);
