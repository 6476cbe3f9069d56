import { datasetNames } from '@steppe/datasets/node';
import { z } from 'zod';
import { presetNames } from './preset-names.ts';

const whole = (least: number): z.ZodNumber => z.int().min(least);
const share = z.number().min(0).lt(1);

/** JSON has no infinity, and p = inf is one of the paper's norms. */
const norm = z.preprocess(
  (value) => (typeof value === 'string' && /^\+?\.?inf(inity)?$/i.test(value) ? Number.POSITIVE_INFINITY : value),
  z.custom<number>((value) => typeof value === 'number' && value >= 1),
);

/** What a run needs to know; every preset says all of it. */
const needed = {
  dataset: z.enum(['auto', ...datasetNames]),
  augment: z.enum(['none', 'basic', 'cutout']),
  download: z.boolean(),
  depth: whole(10).refine((depth) => depth % 6 === 4),
  width: whole(1),
  dropout: share,
  rho: z.number().min(0),
  p: norm,
  optimizer: z.enum(['momentum', 'sgd', 'adam', 'adamw']),
  lr: z.number().positive(),
  momentum: share,
  'weight-decay': z.number().min(0),
  clip: z.number().min(0),
  epochs: whole(1),
  batch: whole(1),
  'label-smoothing': share,
  seed: whole(0),
  compare: z.enum(['none', 'sgd']),
  backend: z.enum(['auto', 'cuda', 'webgpu', 'native', 'wasm', 'cpu']),
  json: z.boolean(),
};

/** What a run may do without. */
const spare = {
  steps: whole(1),
  limit: whole(1),
  data: z.string().min(1),
  m: whole(1),
  out: z.string().min(1),
};

/** What one source says, be it the command line or a config file: any of the options, and nothing else. */
export const settingsSchema = z.strictObject({ preset: z.enum(presetNames), ...needed, ...spare }).partial();

/** What the options of one source are. */
export type Settings = z.infer<typeof settingsSchema>;

/** Every option of a run, under the name that the command line and a config file share. */
export const optionsSchema = z.strictObject({ ...needed, ...z.object(spare).partial().shape });

/** Every option of a run, resolved. */
export type Options = z.infer<typeof optionsSchema>;

/** The name of an option, without the dashes. */
export type OptionName = keyof Settings;
