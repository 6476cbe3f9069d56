import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { printJson } from '@steppe/tree';
import type { Options } from '../options/table.ts';
import { paragraph, widthOf } from '../report/layout.ts';
import { showMeasuring } from '../report/measuring.ts';
import { print } from '../report/print.ts';
import { chooseDevice, describeDevice } from '../run/device.ts';
import { codeOf, onInterrupt } from '../run/interrupt.ts';
import { namedIfOutOfMemory } from '../run/out-of-memory.ts';
import { newFolder, shownPath, stamp, writeJson } from '../run/run-folder.ts';
import { picturesOf, writePictures } from '../sharpness/draw.ts';
import { type AllMeasured, measureRuns, partsOf } from '../sharpness/measure-runs.ts';
import type { SharpnessOptions } from '../sharpness/options.ts';
import { openSubject, type Places, type Subject } from '../sharpness/subject.ts';
import { caution, comparisonLine, failureLines, resultLines, settingLines } from '../sharpness/table-text.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** Where and how `steppe sharpness` computes. */
export type Machine = Pick<Options, 'backend' | 'json'> & Places;

/** Refuses what cannot be taken of so few runs, and runs that are named twice. */
function checkRuns(runs: readonly string[], { measures }: SharpnessOptions, isAsked: boolean): void {
  const twice = runs.find((run, i) => runs.indexOf(run) !== i);
  if (twice !== undefined) throw new CommandError(`${twice} is named twice: a run is compared with others.`);
  if (isAsked && runs.length === 1 && measures.length === 1 && measures[0] === 'barrier')
    throw new CommandError('--measures barrier is taken between runs: name two or more.');
}

/** Refuses a folder that takes no files, before anything is computed. */
async function checkWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new CommandError(
      `${shownPath(folder)} takes no files, and sharpness.json goes there: make it writable.`,
      exitCode.io,
      { cause },
    );
  });
}

/** Opens the runs, one after another; those that were opened are freed when one cannot be. */
async function openAll(
  runs: readonly string[],
  asked: SharpnessOptions,
  places: Places,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  try {
    for (const run of runs) {
      const subject = await openSubject(run, asked, places, note, signal, subjects[0]?.images[0]?.labels.size);
      subjects.push(subject);
      await checkWritable(subject.folder);
      if (!subject.sameData)
        note(`note: ${subject.name} was trained with other images than those of ${subject.data.dataset.name} here.`);
    }
    return subjects;
  } catch (error) {
    for (const subject of subjects) subject.free();
    throw error;
  }
}

/** Leaves what was measured in the folders of the runs, and the pictures in theirs. */
async function leave(
  { runs, ...between }: AllMeasured,
  subjects: readonly Subject[],
  out: string | undefined,
  subtitle: string,
): Promise<readonly string[]> {
  const files: string[] = [];
  const pictures = await picturesOf(runs, between, subtitle);
  for (const [i, { result }] of runs.entries()) {
    const file = join(subjects[i]?.folder ?? '.', 'sharpness.json');
    await writeJson(file, result, { replace: true });
    files.push(file);
  }
  const folder = out ?? join(subjects[0]?.folder ?? '.', 'sharpness');
  return [...files, ...(await writePictures(folder, pictures))];
}

/** Runs `steppe sharpness`: measures the landscape around the weights of runs, and leaves numbers and pictures. */
export async function sharpnessCommand(
  runs: readonly string[],
  asked: SharpnessOptions,
  isAsked: boolean,
  { backend, json, ...places }: Machine,
): Promise<number> {
  checkRuns(runs, asked, isAsked);
  const out =
    asked.out !== undefined || runs.length > 1
      ? await newFolder(asked.out ?? join('runs', `sharpness-${stamp(new Date())}`))
      : undefined;
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
    const from = asked.from === undefined ? {} : { data: asked.from };
    subjects = await openAll(runs, asked, { ...places, ...from }, tell, signal);
    const progress = showMeasuring(partsOf(asked.measures, subjects.length), stream);
    note = progress.note;
    let all: AllMeasured;
    try {
      all = await measureRuns(subjects, asked, { progress, signal, device });
    } finally {
      progress.stop();
      note = tell;
    }
    signal.throwIfAborted();
    const results = all.runs.map(({ result }) => result);
    const files = await leave(all, subjects, out, settingLines(results)[0] ?? '');
    if (json) {
      print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'sharpness', runs: results, files }));
      return codeOf(interrupt);
    }
    const width = widthOf(process.stdout);
    const lines = [...settingLines(results), ...comparisonLine(results), ...failureLines(results), caution];
    tell(['', ...resultLines(results), '', ...lines.map((line) => paragraph(line, width))].join('\n'));
    tell(
      `The files are ${files
        .map(shownPath)
        .filter((file) => !file.endsWith('.png'))
        .join(', ')}`,
    );
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
