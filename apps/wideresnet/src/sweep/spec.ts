import { nearest, shown } from '@steppe/check';
import { z } from 'zod';
import { CommandError } from '../commands/exit-codes.ts';
import { parseYaml, readText } from '../options/yaml.ts';
import { grids } from './grids.ts';

/** A sweep has no more trials than anyone runs: each is a line and a folder. */
export const mostTrials = 100_000;

const range = z.strictObject({
  low: z.number(),
  high: z.number(),
  log: z.boolean().default(false),
  step: z.number().positive().optional(),
});

/** What one option is tried at: any of some values, or whatever lies in a range. */
export type Range = z.output<typeof range>;
export type Values = readonly unknown[];

const gridNames = Object.keys(grids).join(' or ');
const choices = z.union([z.array(z.unknown()).min(1), range, z.enum(Object.keys(grids))], {
  error: `must be a list of values, a range such as { low: 0.01, high: 0.5, log: true }, or the name of a grid (${gridNames})`,
});
const words = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.union([z.string(), z.number(), z.literal(true)]));
const several = z.int('must be a whole number of at least 1').min(1, 'must be a whole number of at least 1');

const schema = z.strictObject({
  options: z.record(z.string(), z.unknown()).default({}),
  search: z.record(z.string(), choices).refine((search) => Object.keys(search).length > 0, 'must name an option'),
  metric: z.string().default('validation_error'),
  direction: z.enum(['minimize', 'maximize']).default('minimize'),
  'tune-on-test': z.boolean().default(false),
  trials: several.max(mostTrials, `must be at most ${mostTrials}`).optional(),
  seed: z.int().min(0).default(0),
  jobs: several.optional(),
  devices: z
    .array(z.union([z.string().regex(/^[\w.:-]+$/), z.int().min(0)]))
    .min(1)
    .optional(),
  retries: z.int().min(0).default(3),
  optuna: z
    .strictObject({
      storage: z.string().optional(),
      'storage-class': z.string().optional(),
      study: z.string().optional(),
      sampler: z.string().optional(),
      'sampler-options': z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
  parallel: z.strictObject({ hosts: z.array(z.string().min(1)).min(1).optional() }).default({}),
  slurm: words.default({}),
  katib: z
    .strictObject({
      image: z.string().min(1),
      name: z
        .string()
        .max(40)
        .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
        .optional(),
      namespace: z.string().min(1).optional(),
      claim: z.string().min(1).optional(),
      gpus: z.int().min(0).default(0),
      algorithm: z.string().min(1).optional(),
    })
    .optional(),
});

/** A sweep as its file says it: what is tried, what is measured, and how each engine is to do it. */
export type Spec = z.output<typeof schema>;

/** What the types of the schema are to people. */
const kinds: { readonly [type: string]: string } = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a table of names and values',
  record: 'a table of names and values',
  string: 'a text',
};

/** What a value must be, where the schema does not say it itself. */
function must(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'array' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_key':
      return 'must have a name of small letters, digits and hyphens';
    case 'invalid_format':
      return `must have the form ${issue.pattern ?? issue.format}`;
    default:
      return `must be ${kinds.string}, a number or true`;
  }
}

/** The one sentence for what the schema refuses first. */
function sentence(issue: z.core.$ZodIssue, file: string): string {
  const { code, path, message, input } = issue;
  const where = path.length === 0 ? file : `${path.join('.')} in ${file}`;
  if (code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const guess = nearest(key, Object.keys(schema.shape));
    return `${[...path, key].join('.')} in ${file} is no word of a sweep${guess === undefined ? '' : `: did you mean ${guess}?`}`;
  }
  const rule = message.startsWith('must') ? message : must(issue);
  return input === undefined ? `${where} is missing: it ${rule}` : `${where} ${rule}, got ${shown(input)}`;
}

/**
 * Reads what a sweep is to try.
 *
 * @throws When the file cannot be read, is no YAML or JSON, or says something that no sweep knows, in one line.
 */
export async function readSpec(file: string): Promise<Spec> {
  const content = parseYaml(await readText(file, 'the sweep'), file) ?? {};
  const { success, data, error } = schema.safeParse(content, { reportInput: true });
  if (success) return data;
  const [first] = error.issues;
  throw new CommandError(
    `${first === undefined ? file : sentence(first, file)}`.replace(/([^.?])$/, '$1.'),
    undefined,
    { cause: error },
  );
}
