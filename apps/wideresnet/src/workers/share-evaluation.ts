import { type Batch, batchCount, slice } from '@steppe/datasets';
import type { World } from '@steppe/distributed';
import type { EvaluateOptions, Measured } from '@steppe/train';
import type { AnyImages } from '../run/augmented.ts';
import { heldOut, heldOutAtOnce } from '../run/data.ts';
import type { Stop } from './stop.ts';

/**
 * The batches of held-out images that a rank measures: as many in a row for each. After every batch the ranks agree
 * whether they go on, also one that has none left.
 */
export async function* shareOf(
  images: AnyImages,
  { rank, size }: World,
  { signal, look }: Pick<Stop, 'signal' | 'look'>,
): AsyncGenerator<Batch, void, undefined> {
  if (size === 1) return yield* heldOut(images, signal);
  const examples = images.labels.length;
  const each = Math.ceil(batchCount(examples, heldOutAtOnce) / size);
  const bound = (of: number): number => Math.min(examples, of * each * heldOutAtOnce);
  const [begin, end] = [bound(rank), bound(rank + 1)];
  const agree = (): void => {
    look();
    signal.throwIfAborted();
  };
  let made = 0;
  if (begin !== end)
    for await (const batch of heldOut(slice(images, begin, end))) {
      yield batch;
      made += 1;
      agree();
    }
  for (; made < each; made += 1) agree();
}

/** A number as text that gives the same one back, also where it is none. */
type Texts = readonly (readonly [name: string, text: string])[];

const written = ({ examples, weight, values }: Measured): Texts =>
  Object.entries({ examples, weight, ...values }).map(([name, value]) => [name, String(value)]);

function read(texts: Texts): Measured {
  const { examples = 0, weight = 0, ...values } = Object.fromEntries(texts.map(([name, text]) => [name, Number(text)]));
  return { examples, weight, values };
}

/** Puts what all ranks have measured in the order of the batches. */
export const gatherMeasured = (workers: World): EvaluateOptions<Batch>['gather'] =>
  workers.size === 1
    ? undefined
    : (own) =>
        workers
          .allGather(new TextEncoder().encode(JSON.stringify(own.map(written))))
          .flatMap((bytes) => (JSON.parse(new TextDecoder().decode(bytes)) as readonly Texts[]).map(read));
