import { createHash } from 'node:crypto';
import { aNumber, checkOptions } from '@steppe/check';
import { type AnySplit, checkSplit } from '../dataset.ts';
import type { ByteImage } from '../image.ts';
import { imageAt } from '../image-at.ts';
import { differenceHash } from './difference-hash.ts';
import { nearestHash } from './nearest-hash.ts';

/** Two examples with the same pixels, or with almost the same picture. */
export type Duplicate = {
  /** Its number in the first split, or the earlier one of a single split. */
  readonly first: number;
  /** Its number in the second split, or the later one of a single split. */
  readonly second: number;
  /** Whether both have the same label; if not, one of them is wrong. */
  readonly sameLabel: boolean;
  /** How many of the 64 digits of their hashes differ; only where `near` was given. */
  readonly distance?: number;
};

/** What counts as a duplicate. */
export type DuplicatesOptions = {
  /**
   * How many of 64 digits of a hash of the picture may differ, from 0 to 16: 4 finds an image that was resized or saved
   * anew. Without it only equal pixels count.
   */
  readonly near?: number;
};

/** The SHA-256 of an image's pixels. */
const digest = ({ pixels, shape }: ByteImage): string =>
  createHash('sha256').update(`${shape}\n`).update(pixels).digest('base64');

/** What each example of a split is known by. */
async function hashesOf(split: AnySplit, hash: (image: ByteImage) => string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let example = 0; example < split.labels.length; example += 1) found.push(hash(await imageAt(split, example)));
  return found;
}

/** Finds the first example with the very same hash, before a place. */
function finder(hashes: readonly string[]): (hash: string, before?: number) => { readonly at: number } | undefined {
  const first = new Map<string, number>();
  for (const [at, hash] of hashes.entries()) if (!first.has(hash)) first.set(hash, at);
  return (hash, before = hashes.length) => {
    const at = first.get(hash);
    return at === undefined || at >= before ? undefined : { at };
  };
}

/**
 * Finds examples whose pixels are the same, byte for byte, or nearly: within one split, or between the training and the
 * test half, where they make an error look better than it is.
 *
 * An example that comes several times is paired with the first of them each time, of near ones with the nearest. Images
 * in files are all read, from one side where they are cut at random.
 *
 * With `near`, images are told by a difference hash: whether each of 8 × 8 fields of the picture is darker than the one
 * to its right. The same photograph saved anew as JPEG, or in another size, differs in few of these 64 digits; one that
 * is mirrored, turned or cut differs in many and is not found. Small or plain pictures, such as digits on black, are
 * alike without being copies: look at what it finds.
 *
 * @param other - The split to look for them in; without it, the same one.
 * @returns Pairs in the order of their second examples; none where all differ.
 * @throws When a split is none, or an option is unknown or out of range.
 * @see Krawetz, Kind of like that (hackerfactor.com, 2013), on the hash
 *
 * @example
 * ```ts
 * import { duplicates, loadDataset } from '@steppe/datasets/node';
 *
 * const { train, test } = await loadDataset('fashion-mnist-mini');
 * console.log((await duplicates(train, test)).length); // => 0
 * ```
 */
export async function duplicates(
  split: AnySplit,
  other: AnySplit = split,
  options: DuplicatesOptions = {},
): Promise<readonly Duplicate[]> {
  checkSplit('duplicates', split);
  checkSplit('duplicates', other);
  checkOptions('duplicates', options, {
    near: aNumber(['a whole number from 0 to 16', (n) => Number.isInteger(n) && n >= 0 && n <= 16]),
  });
  const { near } = options;
  const hash = near === undefined ? digest : differenceHash;
  const own = await hashesOf(split, hash);
  const others = other === split ? own : await hashesOf(other, hash);
  const find = near === undefined ? finder(own) : nearestHash(own, near);
  return others.flatMap((sought, second) => {
    const found = find(sought, other === split ? second : undefined);
    if (found === undefined) return [];
    const { at: first, ...rest } = found;
    return [{ first, second, sameLabel: split.labels[first] === other.labels[second], ...rest }];
  });
}
