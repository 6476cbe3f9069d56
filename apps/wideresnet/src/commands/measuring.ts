import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Options } from '../options/table.ts';
import { showMeasuring } from '../report/measuring.ts';
import { print } from '../report/print.ts';
import { chooseDevice, describeDevice } from '../run/device.ts';
import { codeOf, onInterrupt } from '../run/interrupt.ts';
import { namedIfOutOfMemory } from '../run/out-of-memory.ts';
import { shownPath } from '../run/run-folder.ts';
import type { Watch } from '../sharpness/measure-runs.ts';
import type { SharpnessOptions } from '../sharpness/options.ts';
import { openSubject, type Places, type Subject } from '../sharpness/subject.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** Where and how a command measures. */
export type Machine = Pick<Options, 'backend' | 'json'> & Places;

/** What is measured, and what becomes of it. */
type Measurement<Found> = {
  readonly runs: readonly string[];
  readonly asked: Pick<SharpnessOptions, 'data' | 'limit' | 'from'>;
  /** The file that goes into the folder of each run; undefined where none does. */
  readonly file?: string | undefined;
  /** How many parts the progress bar tells apart. */
  readonly parts: number;
  measure(subjects: readonly Subject[], watch: Watch): Promise<Found>;
  /** Writes and prints what was found. */
  leave(found: Found, subjects: readonly Subject[], tell: (text: string) => void): Promise<void>;
};

/** Refuses a folder that takes no files, before anything is computed. */
async function checkWritable(folder: string, file: string): Promise<void> {
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new CommandError(
      `${shownPath(folder)} takes no files, and ${file} goes there: make it writable.`,
      exitCode.io,
      { cause },
    );
  });
}

/** Opens the runs, one after another; those that were opened are freed when one cannot be. */
async function openAll(
  { runs, asked, file }: Pick<Measurement<unknown>, 'runs' | 'asked' | 'file'>,
  places: Places,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  const from = asked.from === undefined ? {} : { data: asked.from };
  try {
    for (const run of runs) {
      const size = subjects[0]?.images[0]?.labels.size;
      const subject = await openSubject(run, asked, { ...places, ...from }, note, signal, size);
      subjects.push(subject);
      if (file !== undefined) await checkWritable(subject.folder, file);
      if (!subject.sameData)
        note(`note: ${subject.name} was trained with other images than those of ${subject.data.dataset.name} here.`);
    }
    return subjects;
  } catch (error) {
    for (const subject of subjects) subject.free();
    throw error;
  }
}

/**
 * Opens runs, measures them under a progress bar that Ctrl-C ends, leaves what was found, and frees them.
 *
 * @returns The exit code.
 */
export async function measuring<Found>(
  measurement: Measurement<Found>,
  { backend, json, ...places }: Machine,
): Promise<number> {
  const { parts, measure, leave } = measurement;
  const stream = json ? process.stderr : process.stdout;
  const tell = (text: string): void => print(stream, text);
  let note = tell;
  const interrupt = onInterrupt((name) =>
    note(`${name === 'SIGINT' ? 'Ctrl-C' : name}: ending after the pass under way; nothing is written.`),
  );
  const { signal } = interrupt;
  let subjects: readonly Subject[] = [];
  try {
    const device = await chooseDevice(backend);
    if (!json) tell(`Device   ${describeDevice(device)[0]}`);
    subjects = await openAll(measurement, places, tell, signal);
    const progress = showMeasuring(parts, stream);
    note = progress.note;
    let found: Found;
    try {
      found = await measure(subjects, { progress, signal, device });
    } finally {
      progress.stop();
      note = tell;
    }
    signal.throwIfAborted();
    await leave(found, subjects, tell);
    return codeOf(interrupt);
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      tell('Stopped: nothing was written.');
      return codeOf(interrupt);
    }
    throw namedIfOutOfMemory(error, '--limit');
  } finally {
    for (const subject of subjects) subject.free();
    interrupt.release();
  }
}

/** Says where the files are; a PNG is named by the SVG beside it. */
export const filesLine = (files: readonly string[]): string =>
  `The files are ${files
    .map(shownPath)
    .filter((file) => !file.endsWith('.png'))
    .join(', ')}`;
