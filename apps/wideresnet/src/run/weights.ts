import { basename, join } from 'node:path';
import type { Normalization, Shape } from '@steppe/datasets';
import { FileError } from '@steppe/files';
import { key } from '@steppe/random';
import { loadTree, saveTree } from '@steppe/train/node';
import { dispose, type Tree } from '@steppe/tree';
import { z } from 'zod';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { pathWord } from '../commands/shell.ts';
import { checkWhole } from '../options/check.ts';
import type { Options } from '../options/table.ts';
import type { Facts } from './facts.ts';
import type { Network } from './network.ts';
import { checkShapes } from './resume/fitting.ts';
import { shownPath } from './run-folder.ts';
import type { Summary } from './summary.ts';
import { fileOfWeights, weightsFileName } from './weights-file.ts';

type Weights = { readonly params: Tree; readonly state: Tree };

/** Saves the weights of a run with all that is needed to use them again. */
export async function saveWeights(
  folder: string,
  { params, state }: Weights,
  facts: Facts,
  summary: Summary,
): Promise<void> {
  await saveTree(join(folder, weightsFileName), { params, state }, { facts, summary });
}

/** What `saveWeights` wrote: the weights yet of unknown structure, and which network and data they belong to. */
export type SavedRun = {
  readonly file: string;
  readonly tree: Tree;
  readonly options: Options;
  /** Of the images of the run. */
  readonly sha256: string;
  /** What its images are; absent where an old run does not say it. */
  readonly classes?: readonly string[] | undefined;
  readonly shape?: Shape | undefined;
  readonly normalization?: Normalization | undefined;
  /** What the run is called beside others, such as `SAM`; absent where an old run does not say it. */
  readonly method?: string | undefined;
  /** The step that the weights are of: the last one, or the best by the validation images. */
  readonly step?: number | undefined;
};

const saved = z.object({
  facts: z.object({
    options: z.record(z.string(), z.unknown()),
    method: z.string().optional(),
    dataset: z.object({
      sha256: z.string(),
      classes: z.array(z.string()).optional(),
      shape: z.tuple([z.int(), z.int(), z.int()]).optional(),
      normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }).optional(),
    }),
  }),
  summary: z.object({ steps: z.number(), bestStep: z.number().nullish() }).optional(),
});

/**
 * Finds the file of weights of a run.
 *
 * @param run - The folder of the run, or the file itself.
 * @throws When there is nothing at that path, or no run.
 */
export const weightsFile = (run: string): Promise<string> =>
  fileOfWeights(run, (why, code, cause) => {
    if (cause === undefined) return new CommandError(`${shownPath(run)} ${why}`, code);
    return new CommandError(`No run at ${pathWord(run)}: give the folder of a run, such as runs/first.`, code, {
      cause,
    });
  });

/**
 * Reads the weights of a run.
 *
 * @throws When the file is missing or damaged, or comes from elsewhere.
 */
export async function loadRun(file: string): Promise<SavedRun> {
  const { tree, metadata } = await loadTree(file).catch((error: Error) => {
    if (error instanceof FileError) throw new CommandError(error.message, exitCode.io, { cause: error });
    const isNamed = basename(file) !== weightsFileName;
    const hint = isNamed ? ' A run is named by the folder that steppe train leaves, such as runs/first.' : '';
    throw new CommandError(`${error.message}${hint}`, exitCode.data, { cause: error });
  });
  try {
    const { facts, summary } = saved.parse(metadata);
    const options = checkWhole({ values: facts.options, nameOf: (name) => name });
    const { method, dataset } = facts;
    return { file, tree, options, ...dataset, method, step: summary?.bestStep ?? summary?.steps };
  } catch (cause) {
    dispose(tree);
    const reason = cause instanceof CommandError ? cause.message : 'it was not saved by steppe train.';
    throw new CommandError(`${file} does not say which run it belongs to: ${reason}`, exitCode.data, { cause });
  }
}

/**
 * Checks that a tree holds the weights of a network.
 *
 * @throws When a leaf is missing or superfluous, or has another shape, with its path.
 */
export function weightsOf(network: Network, shape: Shape, { file, tree }: SavedRun): Weights {
  const expected = network.init(key(0), shape);
  try {
    return checkShapes(expected, tree);
  } catch (cause) {
    throw new CommandError(`${file} does not fit its network: ${(cause as Error).message}`, exitCode.data, { cause });
  } finally {
    dispose(expected);
  }
}
