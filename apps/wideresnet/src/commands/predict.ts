import { stat } from 'node:fs/promises';
import { printable } from '@steppe/files';
import { dispose, printJson } from '@steppe/tree';
import type { Options } from '../options/table.ts';
import { percent } from '../report/format.ts';
import { print } from '../report/print.ts';
import { chooseDevice } from '../run/device.ts';
import { checkHolding } from '../run/memory.ts';
import { makeNetwork } from '../run/network.ts';
import { type Likely, predictions } from '../run/predict.ts';
import { subjectOf } from '../run/subject.ts';
import { loadRun, weightsFile, weightsOf } from '../run/weights.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** What `steppe predict` is asked for. */
export type PredictOptions = Pick<Options, 'backend' | 'broken' | 'json'> & {
  /** How many classes are named for each image. */
  readonly top?: number | undefined;
};

/** How many classes are named where nobody says, and there are as many. */
const usualTop = 5;

/** Refuses what is no file before anything is loaded. */
async function checkFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch((cause: unknown) => {
      throw new CommandError(`No image at ${file}: name files, such as photos/*.jpg.`, exitCode.usage, { cause });
    });
    if (found.isDirectory())
      throw new CommandError(`${file} is a folder: name the files in it, such as ${file}/*.jpg.`);
    if (!found.isFile()) throw new CommandError(`${file} is not a regular file: name images, such as photos/*.jpg.`);
  }
}

const text = ({ name, probability }: Likely): string => `${printable(name)} ${percent(probability, 1)}`;

/** Runs `steppe predict`: which class a trained run sees in the images of some files. */
export async function predictCommand(
  run: string,
  files: readonly string[],
  { backend, broken = 'error', json, top }: PredictOptions,
): Promise<number> {
  const note = (line: string): void => print(process.stderr, line);
  const file = await weightsFile(run);
  await checkFiles(files);
  await chooseDevice(backend);
  const saved = await loadRun(file);
  try {
    const { options: trained } = saved;
    const subject = await subjectOf(saved, note);
    const { length } = subject.classes;
    if (top !== undefined && top > length)
      throw new CommandError(`--top must be at most the ${length} classes of the run, got ${top}.`);
    checkHolding(trained, { dataset: subject }, saved.tree);
    const network = makeNetwork(trained, subject);
    const weights = weightsOf(network, subject.shape, saved);
    for await (const seen of predictions(network, weights, subject, {
      files,
      top: top ?? Math.min(usualTop, length),
    })) {
      if ('broken' in seen) {
        if (broken === 'error') throw seen.broken;
        note(`note: left out: ${seen.broken.message}`);
      } else if (json) print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'prediction', ...seen }));
      else print(process.stdout, `${printable(seen.file)}: ${seen.classes.map(text).join(', ')}`);
    }
    return exitCode.ok;
  } finally {
    dispose(saved.tree);
  }
}
