import { FileError, reasonOf } from '@steppe/files';
import type { IndexedImages, Reader } from '../../indexed.ts';
import { finisher, type Stages } from '../../stages.ts';
import { type DecodeOptions, decode } from './decode.ts';
import { type ImageFile, type ListedFile, located, readImage } from './image-file.ts';
import { takePool } from './pool.ts';
import type { Answer, BatchTask, PlainStages } from './task.ts';
import type { View } from './view.ts';

/** Images in files, decoded in threads when a batch needs them. */
export type FileImages = IndexedImages & {
  readonly files: readonly ListedFile[];
  readonly view: View;
  /** The same images through another view. */
  readonly seenBy: (view: View) => FileImages;
};

/** What images in files are made of. */
export type FileImagesOptions = DecodeOptions & {
  /** The folder of the dataset. */
  readonly root: string;
  readonly files: readonly ListedFile[];
  /** 32 bytes for each file. */
  readonly digests: Uint8Array;
  readonly workers: number;
};

/** Names the file and what to do about it. */
const broken = (file: ListedFile, reason: string): FileError =>
  new FileError(
    file.name,
    `cannot be read as an image (${reason}): put back what was there, or start anew without it (onBroken: 'skip', --broken skip).`,
  );

/** Raises what went wrong with the first file that failed. */
function checkAnswers(answers: readonly Answer[], files: readonly ImageFile[]): void {
  const failures = answers.flatMap((answer) => answer.failures).sort((a, b) => a.index - b.index);
  const [first] = failures;
  if (first !== undefined) throw broken(files[first.index] as ImageFile, first.message);
}

/** The stages as plain data; undefined where a function is a user's own, which only this thread has. */
function plain({ augmentBytes, augment, ...stages }: Stages): PlainStages | undefined {
  const own = [augmentBytes, augment].some((change) => change !== undefined && change.description === undefined);
  return own ? undefined : { ...stages, augmentBytes: augmentBytes?.description, augment: augment?.description };
}

function openReader({ root, files, workers, ...options }: FileImagesOptions, stages: Stages): Reader {
  const pool = takePool(workers);
  const plainStages = plain(stages);
  const finish = finisher(stages);
  const size = stages.shape[0] * stages.shape[1] * stages.shape[2];
  const going = new Set<Int32Array>();
  const { view, channels, maxPixels } = options;
  return {
    async read(places, examples) {
      const chosen = Array.from(places, (place) => located(root, files[place] as ListedFile));
      const next = new Int32Array(new SharedArrayBuffer(4));
      const numbers = chosen.length * size;
      const out = plainStages
        ? new Float32Array(new SharedArrayBuffer(4 * numbers))
        : new Uint8Array(new SharedArrayBuffer(numbers));
      const task: BatchTask = {
        kind: 'batch',
        files: chosen,
        decode: { view, channels, maxPixels },
        next,
        examples: examples.slice(),
        ofViews: stages.ofViews,
        stages: plainStages,
        out,
      };
      going.add(next);
      try {
        checkAnswers(await pool.run(task), chosen);
      } finally {
        going.delete(next);
      }
      if (out instanceof Float32Array) return out;
      const images = new Float32Array(numbers);
      for (const [i, example] of examples.entries())
        finish(out.subarray(i * size, (i + 1) * size), example, images.subarray(i * size, (i + 1) * size));
      return images;
    },
    close() {
      // Past every file: whoever asks for the next one finds none.
      for (const next of going) Atomics.store(next, 0, 1 << 30);
      pool.release();
    },
  };
}

/** Makes images of files. */
export function fileImages(options: FileImagesOptions): FileImages {
  const { root, files, digests, view, channels } = options;
  return {
    count: files.length,
    files,
    view,
    seenBy: (other) => fileImages({ ...options, view: other }),
    digest: (place) => digests.subarray(32 * place, 32 * (place + 1)),
    open: (stages) => openReader(options, stages),
    async example(place, key) {
      const file = located(root, files[place] as ListedFile);
      try {
        return { pixels: await decode(readImage(file), options, key), shape: [view.size, view.size, channels] };
      } catch (error) {
        throw broken(file, reasonOf(error));
      }
    },
  };
}
