import { createHash } from 'node:crypto';
import { type AnySplit, checkSplit } from '../dataset.ts';
import { imageAt } from '../image-at.ts';

/** Two examples with the same pixels. */
export type Duplicate = {
  /** Its number in the first split, or the earlier one of a single split. */
  readonly first: number;
  /** Its number in the second split, or the later one of a single split. */
  readonly second: number;
  /** Whether both have the same label; if not, one of them is wrong. */
  readonly sameLabel: boolean;
};

/** The SHA-256 of the pixels of each example. */
async function digests(split: AnySplit): Promise<readonly string[]> {
  const found: string[] = [];
  for (let example = 0; example < split.labels.length; example += 1) {
    const { pixels, shape } = await imageAt(split, example);
    found.push(createHash('sha256').update(`${shape}\n`).update(pixels).digest('base64'));
  }
  return found;
}

/** The number of the first example with each digest. */
function firstByDigest(all: readonly string[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [example, digest] of all.entries()) if (!first.has(digest)) first.set(digest, example);
  return first;
}

/**
 * Finds examples whose pixels are the same, byte for byte: within one split, or between the training and the test half,
 * where they make an error look better than it is.
 *
 * An example that comes several times is paired with the first of them each time. Images that only look alike, such as
 * the same one saved twice as JPEG, are not found. Images in files are all read, from one side where they are cut at
 * random.
 *
 * @param other - The split to look for them in; without it, the same one.
 * @returns Pairs in the order of their second examples; none where all differ.
 * @throws When a split is none.
 *
 * @example
 * ```ts
 * import { duplicates, loadDataset } from '@steppe/datasets/node';
 *
 * const { train, test } = await loadDataset('fashion-mnist-mini');
 * console.log((await duplicates(train, test)).length); // => 0
 * ```
 */
export async function duplicates(split: AnySplit, other: AnySplit = split): Promise<readonly Duplicate[]> {
  checkSplit('duplicates', split);
  checkSplit('duplicates', other);
  const own = await digests(split);
  const first = firstByDigest(own);
  return (other === split ? own : await digests(other)).flatMap((digest, second) => {
    const at = first.get(digest);
    if (at === undefined || (other === split && at === second)) return [];
    return [{ first: at, second, sameLabel: split.labels[at] === other.labels[second] }];
  });
}
