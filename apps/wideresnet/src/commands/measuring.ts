import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printJson } from '@steppe/tree';
import type { Options } from '../options/table.ts';
import { paragraph, widthOf } from '../report/layout.ts';
import { showMeasuring } from '../report/measuring.ts';
import { print } from '../report/print.ts';
import { chooseDevice, describeDevice } from '../run/device.ts';
import { codeOf, onInterrupt } from '../run/interrupt.ts';
import { checkWritable, type Destination, leaveFiles, type NamedFiles } from '../run/leave-files.ts';
import { namedIfOutOfMemory } from '../run/out-of-memory.ts';
import { newFolder, shownPath, stamp } from '../run/run-folder.ts';
import { weightsFile } from '../run/weights.ts';
import type { Watch } from '../sharpness/measure-runs.ts';
import type { SharpnessOptions } from '../sharpness/options.ts';
import { openSubject, type Places, type Subject } from '../sharpness/subject.ts';
import { CommandError } from './exit-codes.ts';

/** Where and how a command measures. */
export type Machine = Pick<Options, 'backend' | 'json'> & Places;

/** What a command has to leave and to say. */
type Outcome = {
  readonly files: NamedFiles;
  /** For programs. */
  readonly event: object;
  /** For people: lines that keep their breaks, and paragraphs. */
  readonly table: readonly string[];
  readonly words: readonly string[];
};

/** What is measured, and what becomes of it. */
type Measurement<Found> = {
  /** Of the command, and of the folder of its results. */
  readonly name: 'rho' | 'sharpness';
  readonly runs: readonly string[];
  readonly asked: Pick<SharpnessOptions, 'data' | 'limit' | 'from' | 'out'>;
  /** How many parts the progress bar tells apart. */
  readonly parts: number;
  /** Refuses what is seen of opened runs alone. */
  check?(subjects: readonly Subject[]): Promise<void>;
  measure(subjects: readonly Subject[], watch: Watch): Promise<Found>;
  outcome(found: Found): Promise<Outcome>;
};

/** Finds the weights of all runs before anything is loaded; a run that is named twice is refused. */
async function checkRuns(runs: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const run of runs) {
    const file = realpathSync(await weightsFile(run));
    if (files.includes(file)) throw new CommandError(`${run} is named twice: a run is compared with others.`);
    files.push(file);
  }
  return files;
}

/** Where the results go; nothing that is there is ever written over. */
async function destinationOf(
  { name, asked: { out } }: Pick<Measurement<unknown>, 'name' | 'asked'>,
  [first, ...others]: readonly string[],
): Promise<Destination> {
  if (out !== undefined) {
    const asked = await newFolder(out);
    await checkWritable(asked, 'make it writable, or name another --out');
    return { asked };
  }
  const place = first === undefined || others.length > 0 ? 'runs' : dirname(first);
  await checkWritable(place, 'make it writable, or name another place by --out');
  return { fresh: join(place, `${name}-${stamp(new Date())}`) };
}

/** Opens the runs, one after another; those that were opened are freed when one cannot be. */
async function openAll(
  { runs, asked }: Pick<Measurement<unknown>, 'runs' | 'asked'>,
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
      if (!subject.sameData)
        note(`note: ${subject.name} was trained with other images than those of ${subject.data.dataset.name} here.`);
    }
    return subjects;
  } catch (error) {
    for (const subject of subjects) subject.free();
    throw error;
  }
}

/** Says where the files are. */
const filesLine = (files: readonly string[]): string =>
  `The ${files.length === 1 ? 'file is' : 'files are'} in ${shownPath(dirname(files[0] ?? ''))}: ${files.map((file) => basename(file)).join(', ')}`;

/**
 * Opens runs, measures them under a progress bar that Ctrl-C ends, leaves what was found in a folder of its own, and
 * frees them.
 *
 * @returns The exit code.
 */
export async function measuring<Found>(
  measurement: Measurement<Found>,
  { backend, json, ...places }: Machine,
): Promise<number> {
  const { name, runs, parts, measure, outcome } = measurement;
  const destination = await destinationOf(measurement, await checkRuns(runs));
  const stream = json ? process.stderr : process.stdout;
  const tell = (text: string): void => print(stream, text);
  let note = tell;
  let isFound = false;
  const interrupt = onInterrupt((signal) =>
    note(
      `${signal === 'SIGINT' ? 'Ctrl-C' : signal}: ${isFound ? 'ending as soon as the files are there.' : 'ending after the batch under way; nothing is written. Once more ends at once.'}`,
    ),
  );
  const { signal } = interrupt;
  let subjects: readonly Subject[] = [];
  try {
    const device = await chooseDevice(backend);
    subjects = await openAll(measurement, places, tell, signal);
    await measurement.check?.(subjects);
    if (!json) tell(`Device   ${describeDevice(device)[0]}`);
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
    isFound = true;
    const { files, event, table, words } = await outcome(found);
    const left = await leaveFiles(destination, files);
    if (json) {
      print(process.stdout, printJson({ schema: 'steppe.events/1', event: name, ...event, files: left }));
      return codeOf(interrupt);
    }
    const width = widthOf(process.stdout);
    tell(['', ...table, '', ...words.map((line) => paragraph(line, width))].join('\n'));
    tell(filesLine(left));
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
