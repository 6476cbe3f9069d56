import { printable, readRegular, writeAtomically } from '@steppe/files';
import { deserialize, type Plain, serialize, type Tree } from '@steppe/tree';
import { checkPath } from './check-path.ts';

/** More than any tree that this process could hold beside its file, and less than a buffer may have. */
const maxBytes = 4_000_000_000;

/**
 * Saves a tree, such as a training position, to a safetensors file: whole or not at all, whatever dies meanwhile.
 *
 * Writes a temporary file in the same folder, syncs it, renames it over `file` and syncs the folder. When the promise
 * resolves the file is on the disk. The tree may be freed as soon as the call has returned.
 *
 * @param metadata - Plain data to keep beside the tree.
 * @throws When it cannot be written, with the reason and its code (`ENOSPC`, `EACCES`); the file that was there before
 * is untouched.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import * as tf from '@tensorflow/tfjs';
 * import { loadTree, saveTree } from '@steppe/train/node';
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'steppe-')), 'weights.safetensors');
 * await saveTree(file, { w: tf.tensor1d([1, 2]) }, { epoch: 3 });
 * console.log((await loadTree(file)).metadata); // => { epoch: 3 }
 * ```
 */
export async function saveTree(file: string, tree: Tree, metadata: Plain = null): Promise<void> {
  checkPath('file', file);
  await writeAtomically(file, await serialize(tree, metadata));
}

/**
 * Loads a tree that `saveTree` has saved, after checking every bit of it.
 *
 * @returns The tree, whose tensors are the caller's to free, and the metadata.
 * @throws When the file, which the error names, cannot be read, is a folder, FIFO or device, or is not intact.
 *
 * @example
 * ```ts
 * import { loadTree } from '@steppe/train/node';
 *
 * await loadTree('no-such-file').catch((error: Error) => console.log(error.message)); // => no-such-file cannot be read (ENOENT: no such file or directory).
 * ```
 */
export async function loadTree(file: string): Promise<{ readonly tree: Tree; readonly metadata: Plain }> {
  checkPath('file', file);
  const bytes = await readRegular(file, { maxBytes });
  return deserialize(bytes).catch((cause: unknown) => {
    throw new Error(`${printable(file)}: ${(cause as Error).message}`, { cause });
  });
}
