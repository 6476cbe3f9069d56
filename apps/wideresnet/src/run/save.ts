import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, makeFolder } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { shownPath } from './run-folder.ts';

/** The variable of the environment that names a folder for what the run's own cannot take. */
const variable = 'STEPPE_SAVE_ELSEWHERE';

/** Milliseconds before each further try: time to make room on a disk. */
const waits = [1000, 2000, 4000, 8000];

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Finds a folder for the files of a run inside the one that `STEPPE_SAVE_ELSEWHERE` names, if any; it is not made yet.
 *
 * @throws When that is no folder: better now than after hours of training.
 */
export async function elsewhere(
  run: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const { [variable]: named } = environment;
  if (named === undefined || named === '') return undefined;
  const folder = resolve(named);
  const stats = await stat(folder).catch(() => undefined);
  // Runs of one name in two places must not meet.
  if (stats?.isDirectory()) return join(folder, `${basename(run)}-${process.pid}`);
  throw new CommandError(`${variable} must be a folder that is there, got ${named}.`);
}

/**
 * Saves a run with as much patience as its training was worth: tries again while the disk is full or failing, then in
 * another folder.
 *
 * @param write - Writes the files into the folder that it is given.
 * @returns The folder in which the files are.
 * @throws When no folder takes them, with one line and the code for files.
 */
export async function saveSomewhere(
  folder: string,
  write: (folder: string) => Promise<void>,
  { note, second, pauses = waits, afterwards = () => '' }: Patience,
): Promise<string> {
  const attempt = async (place: string): Promise<unknown> => {
    try {
      makeFolder(place);
      await write(place);
      return undefined;
    } catch (error) {
      // What is no fault of the disk is a defect of ours, and no better the next time.
      if (codeOf(error) === undefined) throw error;
      return error;
    }
  };
  let failure = await attempt(folder);
  for (const pause of pauses) {
    if (failure === undefined) return folder;
    note(`${reasonOf(failure)} Trying again in ${pause / 1000} s: make room, or Ctrl-C to give up.`);
    await sleep(pause);
    failure = await attempt(folder);
  }
  if (failure === undefined) return folder;
  if (second !== undefined) {
    const worse = await attempt(second);
    if (worse === undefined) {
      note(`${reasonOf(failure)} The run was saved in ${shownPath(second)} instead.`);
      return second;
    }
    failure = worse;
  }
  const remedy = second === undefined ? `, and set ${variable} to a folder on another disk` : '';
  throw new CommandError(
    `The run cannot be saved: ${reasonOf(failure)} Make room before the next one${remedy}.${afterwards()}`,
    exitCode.io,
    { cause: failure },
  );
}

/** Who is told, where else the files may go, and how long is waited. */
export type Patience = {
  readonly note: (text: string) => void;
  readonly second: string | undefined;
  /** Milliseconds before each further try. */
  readonly pauses?: readonly number[];
  /** What may be done once there is room, as a sentence after a blank; nothing unless it is known. */
  readonly afterwards?: () => string;
};
