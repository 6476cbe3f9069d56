import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Dataset } from '@steppe/datasets';
import { readRegular } from '@steppe/files';
import * as models from '@steppe/models';
import { dispose } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { entryOf, networkNames, ownOf } from '../options/networks/own.ts';
import type { Options } from '../options/table.ts';
import type { Weights } from './best-weights.ts';
import { shapeSeen, titleOf } from './network.ts';
import { weightsOfRun } from './pretrained-run.ts';
import { shownPath } from './run-folder.ts';
import { fileOfWeights, mostBytes } from './weights-file.ts';

/** What of a file a run starts from, as plain data. */
export type Pretrained = {
  /** The whole path. */
  readonly file: string;
  /** SHA-256 of the file: equal hashes, equal weights. */
  readonly sha256: string;
  /** Whose names its tensors have. */
  readonly library: string;
  /** Whether the classifier at the end is that of the file, or a fresh one for other classes. */
  readonly head: 'loaded' | 'replaced';
};

type Header = {
  readonly metadata: { readonly [name: string]: unknown };
  readonly shapes: { readonly [name: string]: readonly number[] };
};

/** The names and shapes of a file, to choose by: whether the file is whole is seen when it is loaded. */
function headerOf(bytes: Uint8Array): Header | undefined {
  try {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const { __metadata__: metadata = {}, ...tensors } = JSON.parse(String(Buffer.from(bytes.subarray(8, 8 + length))));
    const shapes = Object.entries(tensors).map(([name, tensor]) => [name, (tensor as { shape: number[] }).shape]);
    return { metadata, shapes: Object.fromEntries(shapes) };
  } catch {
    return undefined;
  }
}

/** The names of the library whose names the file has most of. */
function namesFor({ shapes }: Header, options: Options): readonly [string, readonly models.WeightName[]] {
  const { names } = entryOf(options.network);
  if (names === undefined) {
    const others = networkNames.filter((name) => entryOf(name).names !== undefined);
    throw new CommandError(
      `--pretrained: no library is known that names weights of ${options.network}: give a run of steppe train, or a --network of ${others.join(', ')}.`,
    );
  }
  const known = Object.entries(names(models, ownOf(options)));
  const shared = ([, list]: (typeof known)[number]): number =>
    list.filter(({ name }) => Object.hasOwn(shapes, name)).length;
  return known.reduce((best, other) => (shared(other) > shared(best) ? other : best));
}

/** The words that make the network that of the file, as far as its shapes tell. */
function advice({ shapes }: Header, options: Options, side: number): string {
  const rows = entryOf(options.network).said?.(shapes, ownOf(options), side) ?? [];
  const words = rows.flatMap(([option, ofFile, ofRun]) =>
    ofFile === undefined || ofFile === ofRun ? [] : [`--${option} ${ofFile}`],
  );
  return words.length === 0 ? '' : ` The file is of a network of ${words.join(' ')}: say so.`;
}

/** Whether the classifier of the file is for as many classes. */
function fitsHead({ shapes }: Header, names: readonly models.WeightName[], classes: number): boolean {
  const heads = names.filter(({ head }) => head === true).flatMap(({ name }) => shapes[name] ?? []);
  return heads.length === 0 || heads.includes(classes);
}

/**
 * Finds the file that `--pretrained` names, which costs nothing: before there are data or a device.
 *
 * @throws When there is none, or it is none of weights.
 */
export const pretrainedFile = (path: string): Promise<string> =>
  fileOfWeights(
    path,
    (why, code, cause) => new CommandError(`--pretrained ${shownPath(path)} ${why}`, code, { cause }),
  );

/**
 * Gives a network the weights of a file: one of another library, or one that `steppe train` left.
 *
 * @param initial - Where it would start without; freed where others take its place.
 * @returns The caller's.
 * @throws When the file is missing or damaged, or holds another network, in one line.
 */
export async function withPretrained(
  options: Options,
  { classes, shape }: Pick<Dataset, 'classes' | 'shape'>,
  initial: Weights,
): Promise<{ readonly weights: Weights; readonly pretrained?: Pretrained }> {
  if (options.pretrained === undefined) return { weights: initial };
  const file = await pretrainedFile(options.pretrained);
  const bytes = await readRegular(file, { maxBytes: mostBytes });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const header = headerOf(bytes);
  try {
    if (header !== undefined && Object.hasOwn(header.metadata, 'steppe')) {
      const { weights, head } = await weightsOfRun(bytes, initial);
      return { weights, pretrained: { file: resolve(file), sha256, library: 'steppe', head } };
    }
    const [library, names] = namesFor(header ?? { metadata: {}, shapes: {} }, options);
    const head = header === undefined || fitsHead(header, names, classes.length) ? 'loaded' : 'replaced';
    const weights = await models.loadSafetensors(bytes, names, initial, {
      head: head === 'loaded' ? 'load' : 'replace',
    });
    return { weights, pretrained: { file: resolve(file), sha256, library, head } };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(
      `--pretrained ${shownPath(file)} does not fit ${titleOf(options)}: ${(cause as Error).message}${header === undefined ? '' : advice(header, options, shapeSeen(options, { shape })[0])}`,
      exitCode.data,
      { cause },
    );
  } finally {
    dispose(initial);
  }
}

/** What a run started from, for people. */
export const pretrainedText = ({ file, library }: Pretrained): string =>
  `starts from ${shownPath(file)}${library === 'steppe' ? '' : `, with the names of ${library}`}`;

/** What is worth a line about it. */
export const remarksOnPretrained = (pretrained: Pretrained | undefined, classes: number): readonly string[] =>
  pretrained?.head === 'replaced'
    ? [`note: the classifier of ${shownPath(pretrained.file)} is for other classes: it is a fresh one for ${classes}`]
    : [];
