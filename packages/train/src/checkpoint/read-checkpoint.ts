import { printable, readRegular } from '@steppe/files';
import { isKey } from '@steppe/random';
import { deserialize, dispose, type Plain, type Tree } from '@steppe/tree';
import type { Position } from '../train-step.ts';

/** The version of what stands beside the tree; a reader refuses what it does not know. */
export const version = 1;

/** More than this process could hold beside its file, and less than a buffer may have. */
const maxBytes = 4_000_000_000;

/** A training position that was read from the disk, and what was saved with it. */
export type Checkpoint = {
  readonly file: string;
  readonly step: number;
  /** The step of the best checkpoint so far, whose file is kept; `undefined` where none was called the best. */
  readonly best: number | undefined;
  /** Where training goes on; the tensors are the caller's to free. */
  readonly position: Position<Tree, Tree, Tree>;
  /** What the caller has saved beside the position. */
  readonly about: Plain;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether a tree is a position: the parts that every one has, not the parameters of a certain network. */
function isPosition(tree: Tree): tree is Position<Tree, Tree, Tree> {
  const parts = Object(tree) as { readonly [name: string]: unknown };
  return isCount(parts.step) && isKey(parts.key) && ['params', 'state', 'optimizer'].every((name) => name in parts);
}

function reasonAgainst(tree: Tree, metadata: Plain, step: number): string | undefined {
  const { checkpoint, best } = Object(metadata) as { readonly [name: string]: unknown };
  if (checkpoint === undefined) return 'it is a tree that was saved alone, not a checkpoint';
  if (checkpoint !== version)
    return `it is a checkpoint of version ${JSON.stringify(checkpoint)}, this one reads version ${version}: update @steppe/train`;
  if (!isPosition(tree)) return 'it holds no training position';
  if (tree.step !== step) return `it holds step ${tree.step}: it was renamed`;
  if (best !== undefined && !isCount(best)) return `its best step is ${JSON.stringify(best)}`;
  return undefined;
}

/**
 * Reads a checkpoint after checking every bit of it.
 *
 * @throws When it cannot be read, is not intact, is of a version that is not known here, or is not of this step; with the
 * file.
 */
export async function readCheckpoint(file: string, step: number): Promise<Checkpoint> {
  const bytes = await readRegular(file, { maxBytes });
  const { tree, metadata } = await deserialize(bytes).catch((cause: unknown) => {
    throw new Error(`${printable(file)}: ${(cause as Error).message}`, { cause });
  });
  const reason = reasonAgainst(tree, metadata, step);
  if (reason !== undefined) {
    dispose(tree);
    throw new Error(`${printable(file)}: ${reason}.`);
  }
  const { best, about = null } = metadata as { readonly best?: number; readonly about?: Plain };
  return { file, step, best, position: tree as Position<Tree, Tree, Tree>, about };
}
