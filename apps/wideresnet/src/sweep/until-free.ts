import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '@steppe/files';
import { shownPath } from '../run/run-folder.ts';
import type { Watch } from './child.ts';

/**
 * Waits until nobody trains in the folder of a trial: one that outlived the sweep that began it comes to its end.
 */
export async function untilFree(folder: string, { say, stop }: Watch): Promise<void> {
  const lock = join(folder, 'run.lock');
  if (!existsSync(lock)) return;
  const onWait = (): void => say(`Another process trains in ${shownPath(folder)}: waiting until it ends.`);
  await withLock(lock, async () => {}, { onWait, signal: stop }).catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
}
