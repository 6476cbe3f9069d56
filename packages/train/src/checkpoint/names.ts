import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, FileError, reasonOf } from '@steppe/files';

const pattern = /^step-(\d{10,16})\.safetensors$/;

/** Where the checkpoint of a step lies in its folder. */
export const fileOf = (folder: string, step: number): string =>
  join(folder, `step-${String(step).padStart(10, '0')}.safetensors`);

/**
 * Lists the steps whose checkpoints are in a folder, the latest first: by step, since clocks go back.
 *
 * @throws When the folder is there and cannot be read.
 */
export async function stepsIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new FileError(folder, `cannot be read (${reasonOf(cause)}).`, cause);
  });
  const steps = names.flatMap((name) => {
    const step = Number(pattern.exec(name)?.[1] ?? Number.NaN);
    return Number.isSafeInteger(step) ? [step] : [];
  });
  return steps.sort((a, b) => b - a);
}
