import { nearest } from '@steppe/check';
import { literal } from '../commands/command-line.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { count, folder, type Kind, newFolder, norm, oneOf, positive, seed } from '../options/kinds.ts';
import { namesOf } from '../options/option.ts';
import { refusal, shown } from '../options/refusal.ts';
import { type MeasureName, measureTable } from './table.ts';

/** How batch normalization takes its statistics while the weights are moved. */
const batchNormModes = ['evaluation', 'training'] as const;

/** What landscapes are drawn along. */
const axesKinds = ['random', 'eigenvectors'] as const;

/** What landscapes are drawn along. */
export type AxesKind = (typeof axesKinds)[number];

/** Where and on what sharpness is measured, resolved but for the radius, which may be that of the runs. */
export type SharpnessOptions = {
  readonly measures: readonly MeasureName[];
  /** The step whose weights are looked at; those that the run is about where it is not said. */
  readonly step?: number;
  readonly data: 'train' | 'test';
  readonly limit: number;
  readonly rho?: number;
  readonly p?: number;
  readonly 'batch-norm': (typeof batchNormModes)[number];
  readonly axes: AxesKind;
  readonly seed: number;
  readonly from?: string;
  readonly out?: string;
};

const names = namesOf(measureTable);

/** What is measured where nobody says. */
const usual = names.filter((name) => measureTable[name].usual);

type Own = { readonly value: string; readonly about: string; readonly isText?: boolean };

/** The options that only this command has, in the order in which help prints them. */
export const ownOptions = {
  measures: { value: 'names', isText: true, about: 'which, with commas between them, or all (see below)' },
  step: { value: 'n', about: 'the weights of this step, of which there is a checkpoint (those that the run is about)' },
  data: {
    value: 'split',
    isText: true,
    about: 'the images: train, with the labels that the run learned, or test (train)',
  },
  limit: { value: 'n', about: 'at most n of them (500)' },
  rho: { value: 'radius', about: 'how far to look (that of the first run that has one, else 0.05)' },
  p: { value: 'norm', about: 'its norm, from 1 to inf (that of the same run, else 2)' },
  'batch-norm': {
    value: 'mode',
    isText: true,
    about: 'evaluation: by the running statistics of the run; training: by those of each batch (evaluation)',
  },
  axes: {
    value: 'name',
    isText: true,
    about:
      'what landscapes are drawn along: random directions, or the eigenvectors of the Hessian that are curved most (random)',
  },
  seed: { value: 'n', about: 'of directions and of draws (0)' },
  from: {
    value: 'folder',
    isText: true,
    about: 'where the files of the dataset are, as --data of steppe train says it',
  },
  out: {
    value: 'folder',
    isText: true,
    about: 'where the files go, new or empty (<run>/sharpness-<date>, of several runs/sharpness-<date>)',
  },
} as const satisfies { readonly [name: string]: Own };

/** The options of `steppe train` that a command which measures has, too. */
export const sharedOptions = ['images', 'workers', 'download', 'backend', 'json'] as const;

/** What the command line says of them. */
export type Said = { readonly [Name in keyof typeof ownOptions as CamelCase<Name>]?: string };

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Tail>}` : Name;

/** Reads a list of measures. */
function readMeasures(text: string): readonly MeasureName[] {
  if (text === 'all') return names;
  const asked = text.split(',').map((name) => name.trim());
  const odd = asked.find((name) => !names.some((known) => known === name));
  if (odd === undefined) return names.filter((name) => asked.includes(name));
  const guess = nearest(odd, names);
  throw new CommandError(
    `--measures must be all or some of ${names.join(', ')}, got ${shown(odd)}${guess === undefined ? '' : `: did you mean ${guess}?`}`.replace(
      /([^?])$/,
      '$1.',
    ),
  );
}

/** Reads the value of an option, undefined where nobody gave one. */
function readOne<Value>(name: string, kind: Kind<Value>, text: string | undefined, isText = false): Value | undefined {
  if (text === undefined) return undefined;
  const value = isText ? text : literal(text);
  const { success, data } = kind.schema.safeParse(value);
  if (!success) throw refusal(name, kind.expects, value, text);
  return data;
}

function read<Value>(name: keyof typeof ownOptions, kind: Kind<Value>, text: string | undefined): Value | undefined {
  const { isText }: Own = ownOptions[name];
  return readOne(`--${name}`, kind, text, isText);
}

/**
 * Reads what the command line says.
 *
 * @throws When a value is not allowed, with the option, the value and what is allowed.
 */
export function readOptions(said: Said): SharpnessOptions {
  const [step, rho, p, from, out] = [
    read('step', count, said.step),
    read('rho', positive, said.rho),
    read('p', norm, said.p),
    read('from', folder, said.from),
    read('out', newFolder, said.out),
  ];
  return {
    measures: said.measures === undefined ? usual : readMeasures(said.measures),
    data: read('data', oneOf(['train', 'test']), said.data) ?? 'train',
    limit: read('limit', count, said.limit) ?? 500,
    'batch-norm': read('batch-norm', oneOf(batchNormModes), said.batchNorm) ?? 'evaluation',
    axes: read('axes', oneOf(axesKinds), said.axes) ?? 'random',
    seed: read('seed', seed, said.seed) ?? 0,
    ...(step !== undefined && { step }),
    ...(rho !== undefined && { rho }),
    ...(p !== undefined && { p }),
    ...(from !== undefined && { from }),
    ...(out !== undefined && { out }),
  };
}
