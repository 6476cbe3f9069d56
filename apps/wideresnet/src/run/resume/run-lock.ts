import { join } from 'node:path';
import { codeOf, FileError, holderOf, makeFolder, withLock } from '@steppe/files';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import { shownPath } from '../run-folder.ts';

/** The file that is in a run's folder while somebody trains in it. */
const lockFile = 'run.lock';

/** Whether a process of this machine trains in a folder now. */
export const isTrained = async (folder: string): Promise<boolean> =>
  (await holderOf(join(folder, lockFile)))?.fate === 'alive';

/**
 * Trains in a folder while nobody else does; the lock of a trainer that died is taken over.
 *
 * @param note - Gets the line that a trainer on another machine is watched for a sign of life.
 * @throws When another trainer is in the folder, in one line.
 */
export async function withRunLock<T>(folder: string, work: () => Promise<T>, note: (text: string) => void): Promise<T> {
  makeFolder(folder);
  const file = join(folder, lockFile);
  const onWait = (): void => note(`${shownPath(file)}: looking for ten seconds whether its trainer is still alive ...`);
  try {
    return await withLock(file, work, { wait: false, onWait });
  } catch (cause) {
    if (!(cause instanceof FileError) || codeOf(cause) !== 'EBUSY' || cause.path !== file) throw cause;
    throw new CommandError(`Another trainer is at work in ${shownPath(folder)}: ${cause.message}`, exitCode.usage, {
      cause,
    });
  }
}
