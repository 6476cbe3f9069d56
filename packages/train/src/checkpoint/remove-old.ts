import { unlink } from 'node:fs/promises';
import { codeOf, printable, reasonOf } from '@steppe/files';
import { fileOf } from './names.ts';

/** What stays. */
type Kept = {
  readonly place: string;
  /** The step of the checkpoint that was just written. */
  readonly step: number;
  readonly keep: number;
  readonly best: number | undefined;
  readonly warn: (message: string) => void;
};

/**
 * Removes the checkpoints of earlier steps but for the last ones and the best; nothing while a later step is there, whose
 * file may name an older best.
 *
 * @returns The steps whose files are there still, the latest first.
 */
export async function removeOld(
  steps: readonly number[],
  { place, step, keep, best, warn }: Kept,
): Promise<readonly number[]> {
  const sorted = [...new Set(steps)].sort((a, b) => b - a);
  const old = sorted[0] === step ? sorted.slice(keep).filter((one) => one !== best) : [];
  for (const one of old)
    await unlink(fileOf(place, one)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') warn(`${printable(fileOf(place, one))} cannot be removed (${reasonOf(error)}).`);
    });
  return sorted.filter((one) => !old.includes(one));
}
