import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '@steppe/datasets';
import { readRegular } from '@steppe/files';
import * as models from '@steppe/models';
import { dispose } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { entryOf, networkNames, ownOf } from '../options/networks/own.ts';
import type { Options } from '../options/table.ts';
import type { Weights } from './best-weights.ts';
import { titleOf } from './network.ts';
import { weightsOfRun } from './pretrained-run.ts';
import { shownPath } from './run-folder.ts';

/** What of a file a run starts from, as plain data. */
export type Pretrained = {
  readonly file: string;
  /** SHA-256 of the file: equal hashes, equal weights. */
  readonly sha256: string;
  /** Whose names its tensors have. */
  readonly library: string;
  /** Whether the classifier at the end is that of the file, or a fresh one for other classes. */
  readonly head: 'loaded' | 'replaced';
};

/** The largest file that is read: EfficientNet-L2 has 1.9 GB. */
const maxBytes = 4_000_000_000;

/** How an archive begins: P, K. */
const zip = [0x50, 0x4b] as const;

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

/** Whether the classifier of the file is for as many classes. */
function fitsHead({ shapes }: Header, names: readonly models.WeightName[], classes: number): boolean {
  const heads = names.filter(({ head }) => head === true).flatMap(({ name }) => shapes[name] ?? []);
  return heads.length === 0 || heads.includes(classes);
}

async function fileOf(path: string): Promise<string> {
  const about = await stat(path).catch((cause: unknown) => {
    throw new CommandError(
      `--pretrained ${path} is not there: give a safetensors file, or the folder of a run.`,
      undefined,
      {
        cause,
      },
    );
  });
  return about.isDirectory() ? join(path, 'weights.safetensors') : path;
}

/**
 * Gives a network the weights of a file: one of another library, or one that `steppe train` left.
 *
 * @param initial - Where it would start without; freed where others take its place.
 * @returns The caller's.
 * @throws When the file is missing or damaged, or holds another network, in one line.
 */
export async function withPretrained(
  options: Options,
  { classes }: Pick<Dataset, 'classes'>,
  initial: Weights,
): Promise<{ readonly weights: Weights; readonly pretrained?: Pretrained }> {
  if (options.pretrained === undefined) return { weights: initial };
  const file = await fileOf(options.pretrained);
  const bytes = await readRegular(file, { maxBytes });
  if (bytes[0] === zip[0] && bytes[1] === zip[1])
    throw new CommandError(
      `--pretrained ${shownPath(file)} is an archive, as torch.save writes it, not a safetensors file: in Python, safetensors.torch.save_file(model.state_dict(), 'weights.safetensors') makes one.`,
      exitCode.data,
    );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const header = headerOf(bytes);
  try {
    if (header !== undefined && Object.hasOwn(header.metadata, 'steppe')) {
      const { weights, head } = await weightsOfRun(bytes, initial);
      return { weights, pretrained: { file: shownPath(file), sha256, library: 'steppe', head } };
    }
    const [library, names] = namesFor(header ?? { metadata: {}, shapes: {} }, options);
    const head = header === undefined || fitsHead(header, names, classes.length) ? 'loaded' : 'replaced';
    const weights = await models.loadSafetensors(bytes, names, initial, {
      head: head === 'loaded' ? 'load' : 'replace',
    });
    return { weights, pretrained: { file: shownPath(file), sha256, library, head } };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(
      `--pretrained ${shownPath(file)} does not fit ${titleOf(options)}: ${(cause as Error).message}`,
      exitCode.data,
      { cause },
    );
  } finally {
    dispose(initial);
  }
}

/** What a run started from, for people. */
export const pretrainedText = ({ file, library }: Pretrained): string =>
  `starts from ${file}${library === 'steppe' ? '' : `, with the names of ${library}`}`;

/** What is worth a line about it. */
export const remarksOnPretrained = (pretrained: Pretrained | undefined, classes: number): readonly string[] =>
  pretrained?.head === 'replaced'
    ? [`note: the classifier of ${pretrained.file} is for other classes: it is a fresh one for ${classes}`]
    : [];
