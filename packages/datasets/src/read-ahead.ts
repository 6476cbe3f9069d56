import { foldIn } from '@steppe/random';
import { checkChannels, type HostBatch } from './assemble.ts';
import type { IndexedSplit } from './dataset.ts';
import { checkShape, type IndexedImages, type Reader } from './indexed.ts';
import { finisher, type Stages } from './stages.ts';

/** Refuses a split whose parts do not fit together. */
export function checkIndexed(split: IndexedSplit): void {
  const { images, labels, places } = split;
  if (labels.length !== places.length)
    throw new Error(`There is one label for each image, got ${places.length} images and ${labels.length} labels.`);
  if (places.some((place) => place >= images.count))
    throw new Error(`The places of a split lie below the ${images.count} of its images.`);
  checkChannels(split);
}

/** Reads one example after another on the calling thread. */
function oneByOne(images: IndexedImages, stages: Stages): Reader {
  const finish = finisher(stages);
  const [height, width, channels] = stages.shape;
  const size = height * width * channels;
  let isClosed = false;
  return {
    async read(places, examples) {
      const out = new Float32Array(places.length * size);
      for (const [i, example] of examples.entries()) {
        if (isClosed) break;
        const image = await images.example(places[i] as number, foldIn(stages.ofViews, example));
        checkShape(image, stages.shape);
        finish(image.pixels, example, out.subarray(i * size, (i + 1) * size));
      }
      return out;
    },
    close() {
      isClosed = true;
    },
  };
}

/** A promise that only ever fails: with the reason of an abortion. */
function abortion(signal: AbortSignal | undefined): { readonly failed: Promise<never>[]; readonly stop: () => void } {
  if (signal === undefined) return { failed: [], stop: () => undefined };
  let onAbort = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  // Nobody may be waiting when it comes: the loop asks the signal itself.
  failed.catch(() => undefined);
  return { failed: [failed], stop: () => signal.removeEventListener('abort', onAbort) };
}

/**
 * Yields the batches `first` … `count - 1` in order, of which the next `depth` are being read while the consumer works
 * on one: they are under way before it is handed over, for a step on some devices leaves this thread no time.
 *
 * @param examplesOf - The numbers of the examples of a batch.
 */
export async function* readAhead(
  { images, places, labels }: IndexedSplit,
  stages: Stages,
  examplesOf: (batch: number) => Uint32Array,
  [first, count]: readonly [first: number, count: number],
  depth: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<HostBatch, void, void> {
  const reader = images.open?.(stages) ?? oneByOne(images, stages);
  const { failed, stop } = abortion(signal);
  const going: Promise<HostBatch>[] = [];
  const start = async (batch: number): Promise<HostBatch> => {
    const examples = examplesOf(batch);
    const numbers = Int32Array.from(examples, (example) => labels[example] as number);
    return {
      images: await reader.read(
        examples.map((example) => places[example] as number),
        examples,
      ),
      labels: numbers,
    };
  };
  try {
    for (let i = first, started = first; i < count; i += 1) {
      signal?.throwIfAborted();
      for (; started < Math.min(count, i + 1 + depth); started += 1) {
        const batch = start(started);
        // An early failure is raised when its turn comes, where somebody can catch it.
        batch.catch(() => undefined);
        going.push(batch);
      }
      yield await Promise.race([going.shift() as Promise<HostBatch>, ...failed]);
    }
    signal?.throwIfAborted();
  } finally {
    stop();
    reader.close();
  }
}
