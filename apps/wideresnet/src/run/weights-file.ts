import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegular } from '@steppe/files';
import { type CommandError, exitCode } from '../commands/exit-codes.ts';
import { pathWord } from '../commands/shell.ts';
import { foreignWeights } from './foreign-weights.ts';
import { isTrained } from './resume/run-lock.ts';
import { shownPath } from './run-folder.ts';

/** The file of weights in the folder of a run. */
export const weightsFileName = 'weights.safetensors';

/** The largest file of weights that is read: EfficientNet-L2 has 1.9 GB. */
export const mostBytes = 4_000_000_000;

/** Why a folder has no weights, and what to do. */
async function without(folder: string): Promise<string> {
  const has = (name: string): boolean => existsSync(join(folder, name));
  if (!has('config.json')) return `holds no ${weightsFileName}: give the folder of a run, such as runs/first`;
  if (await isTrained(folder))
    return `is still being trained, and has no ${weightsFileName} before its end: wait for it, or watch it by steppe watch`;
  const goOn = `--resume ${pathWord(shownPath(folder))}`;
  if (has('summary.json'))
    return `was trained, and its ${weightsFileName} is gone: bring the file back, or train the run anew by --config ${pathWord(shownPath(join(folder, 'config.json')))} in another --out`;
  return `has no ${weightsFileName}, which a run leaves at its end: ${goOn} goes on with one that was broken off; one whose loss is no number any more begins anew with a smaller --lr`;
}

/** Refuses a file that is none of weights, by how it begins. */
async function checkBeginning(file: string, refused: (why: string, code: number) => CommandError): Promise<void> {
  const handle = await openRegular(file, { maxBytes: mostBytes });
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(32), 0, 32, 0);
    const why = foreignWeights(buffer.subarray(0, bytesRead));
    if (why !== undefined) throw refused(why, exitCode.data);
  } finally {
    await handle.close();
  }
}

/**
 * Finds the file of weights that somebody named: the file itself, or the folder of its run.
 *
 * @param refused - Makes the refusal of what it ends the sentence for.
 * @throws When there is nothing at that path, a folder that holds no weights, or a file of another kind.
 */
export async function fileOfWeights(
  path: string,
  refused: (why: string, code: number, cause?: unknown) => CommandError,
): Promise<string> {
  const about = await stat(path).catch((cause: unknown) => {
    throw refused('is not there: give a safetensors file, or the folder of a run.', exitCode.usage, cause);
  });
  const file = about.isDirectory() ? join(path, weightsFileName) : path;
  if (about.isDirectory() && !existsSync(file)) throw refused(`${await without(path)}.`, exitCode.usage);
  if (!about.isDirectory() && !about.isFile()) throw refused('must be a file, or the folder of a run.', exitCode.usage);
  await checkBeginning(file, refused);
  return file;
}
