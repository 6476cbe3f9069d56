import { join } from 'node:path';
import { printJson } from '@steppe/tree';
import { paragraph, widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { newFolder, stamp, writeJson } from '../run/run-folder.ts';
import { picturesOf, writePictures } from '../sharpness/draw.ts';
import { type AllMeasured, measureRuns, partsOf } from '../sharpness/measure-runs.ts';
import type { SharpnessOptions } from '../sharpness/options.ts';
import type { Subject } from '../sharpness/subject.ts';
import { caution, comparisonLine, failureLines, resultLines, settingLines } from '../sharpness/table-text.ts';
import { CommandError } from './exit-codes.ts';
import { filesLine, type Machine, measuring } from './measuring.ts';

/** The file of each run. */
const file = 'sharpness.json';

/** Refuses what cannot be taken of so few runs, and runs that are named twice. */
function checkRuns(runs: readonly string[], { measures }: SharpnessOptions, isAsked: boolean): void {
  const twice = runs.find((run, i) => runs.indexOf(run) !== i);
  if (twice !== undefined) throw new CommandError(`${twice} is named twice: a run is compared with others.`);
  if (isAsked && runs.length === 1 && measures.length === 1 && measures[0] === 'barrier')
    throw new CommandError('--measures barrier is taken between runs: name two or more.');
}

/** Leaves what was measured in the folders of the runs, and the pictures in theirs. */
async function write(
  { runs, ...between }: AllMeasured,
  subjects: readonly Subject[],
  out: string | undefined,
  subtitle: string,
): Promise<readonly string[]> {
  const files: string[] = [];
  const pictures = await picturesOf(runs, between, subtitle);
  for (const [i, { result }] of runs.entries()) {
    const path = join(subjects[i]?.folder ?? '.', file);
    await writeJson(path, result, { replace: true });
    files.push(path);
  }
  const folder = out ?? join(subjects[0]?.folder ?? '.', 'sharpness');
  return [...files, ...(await writePictures(folder, pictures))];
}

/** Runs `steppe sharpness`: measures the landscape around the weights of runs, and leaves numbers and pictures. */
export async function sharpnessCommand(
  runs: readonly string[],
  asked: SharpnessOptions,
  isAsked: boolean,
  machine: Machine,
): Promise<number> {
  checkRuns(runs, asked, isAsked);
  const out =
    asked.out !== undefined || runs.length > 1
      ? await newFolder(asked.out ?? join('runs', `sharpness-${stamp(new Date())}`))
      : undefined;
  return measuring(
    {
      runs,
      asked,
      file,
      parts: partsOf(asked.measures, runs.length),
      measure: (subjects, watch) => measureRuns(subjects, asked, watch),
      async leave(all, subjects, tell) {
        const results = all.runs.map(({ result }) => result);
        const files = await write(all, subjects, out, settingLines(results)[0] ?? '');
        if (machine.json) {
          print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'sharpness', runs: results, files }));
          return;
        }
        const width = widthOf(process.stdout);
        const lines = [...settingLines(results), ...comparisonLine(results), ...failureLines(results), caution];
        tell(['', ...resultLines(results), '', ...lines.map((line) => paragraph(line, width))].join('\n'));
        tell(filesLine(files));
      },
    },
    machine,
  );
}
