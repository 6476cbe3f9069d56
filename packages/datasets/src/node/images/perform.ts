import { createHash } from 'node:crypto';
import { reasonOf } from '@steppe/files';
import { foldIn, key } from '@steppe/random';
import { rebuildAugmentation, rebuildByteAugmentation } from '../../rebuild.ts';
import { finisher } from '../../stages.ts';
import { decode } from './decode.ts';
import { type ImageFile, readImage } from './image-file.ts';
import type { Answer, BatchTask, Finding, PlainStages, SurveyTask, Task } from './task.ts';

/** Makes the stages anew of plain data. */
function finish(stages: PlainStages): ReturnType<typeof finisher> {
  const { augmentBytes, augment, ...rest } = stages;
  return finisher({
    ...rest,
    augmentBytes: augmentBytes && rebuildByteAugmentation(augmentBytes),
    augment: augment && rebuildAugmentation(augment),
  });
}

/** Reads one image of a batch into its place. */
function batchStep({
  files,
  examples,
  decode: options,
  ofViews,
  stages,
  out,
}: BatchTask): (i: number) => Promise<void> {
  const size = out.length / files.length;
  const finished = stages && finish(stages);
  return async (i) => {
    const example = examples[i] as number;
    const bytes = await decode(readImage(files[i] as ImageFile), options, foldIn(ofViews, example));
    const place = out.subarray(i * size, (i + 1) * size);
    if (finished === undefined) place.set(bytes);
    else finished(bytes, example, place as Float32Array);
  };
}

function sumsOf(bytes: Uint8Array, channels: number): readonly number[] {
  const sums = new Array<number>(2 * channels).fill(0);
  for (let i = 0; i < bytes.length; i += 1) {
    const [c, x] = [i % channels, bytes[i] as number];
    sums[c] = (sums[c] as number) + x;
    sums[channels + c] = (sums[channels + c] as number) + x * x;
  }
  return sums;
}

/** Looks at one file; that it cannot be decoded is an answer. */
function surveyStep(
  { files, decode: options, questions }: SurveyTask,
  findings: Finding[],
): (i: number) => Promise<void> {
  return async (index) => {
    const file = files[index] as ImageFile;
    const bytes = readImage(file);
    const digest = questions.digest && {
      digest: new Uint8Array(createHash('sha256').update(`${file.name}\0`).update(bytes).digest()),
    };
    const found = { index, ...digest };
    if (!questions.check && !questions.measure) return void findings.push(found);
    try {
      const pixels = await decode(bytes, options, key(0));
      findings.push({ ...found, ...(questions.measure && { sums: sumsOf(pixels, options.channels) }) });
    } catch (error) {
      findings.push({ ...found, broken: firstReason(error) });
    }
  };
}

/** The first of the lines in which a decoder gives its reasons. */
const firstReason = (error: unknown): string => reasonOf(error).split('\\u000a')[0] ?? '';

/** Does this thread's part of a task; the first failure ends that of a batch for all threads. */
export async function perform(task: Task): Promise<Answer> {
  const [findings, failures]: [Finding[], Answer['failures'][number][]] = [[], []];
  const { next, files } = task;
  const step = task.kind === 'batch' ? batchStep(task) : surveyStep(task, findings);
  for (let i = Atomics.add(next, 0, 1); i < files.length; i = Atomics.add(next, 0, 1)) {
    try {
      await step(i);
    } catch (error) {
      // Files are taken in order, so whichever thread fails, the first one that fails is among the failures.
      failures.push({ index: i, message: firstReason(error) });
      if (task.kind === 'batch') Atomics.store(next, 0, files.length);
    }
  }
  return { findings, failures };
}
