import { type Check, checkFunction, checkNumber, checkOptions, positive, refusal } from '@steppe/check';
import { dispose, leaves, type Tree } from '@steppe/tree';

/**
 * The examples of a measure, which passes over them many times: a list of batches, or a function that gives the same
 * batches anew at every pass, such as a generator function.
 *
 * The batches of a list stay the caller's. Those that a function gives are freed when they are measured, as `evaluate`
 * of `@steppe/train` does, so that a whole dataset takes the memory of one batch. A batch is a tree of tensors, or
 * `null` for a loss without examples: `[null]`.
 */
export type Batches<Batch> = readonly Batch[] | (() => Iterable<Batch> | AsyncIterable<Batch>);

/** How far something is: `done` of `total`, which is undefined as long as nobody knows. */
export type Progress = { readonly done: number; readonly total: number | undefined };

/** How a measure passes over batches. */
export type PassOptions<Batch> = {
  /** The weight of a batch in means, its number of examples. @defaultValue the first dimension that its tensors have,
   * scalars aside; 1 where there is none */
  readonly size?: (batch: Batch) => number;
  /** Stops between two batches: the measure then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each batch that is done, of those of one pass. */
  readonly onProgress?: (progress: Progress) => void;
};

const checkSignal: Check = (name, value) => {
  if (typeof Object(value).throwIfAborted !== 'function') throw refusal(name, 'an AbortSignal', value);
};

/** The checks of `PassOptions`, for the options of a measure that has them. */
export const passOptions: { readonly [name in keyof PassOptions<Tree>]-?: Check } = {
  size: checkFunction,
  signal: checkSignal,
  onProgress: checkFunction,
};

/** Where a pass is: the number of the batch, from 1, and its weight. */
type Place = { readonly number: number; readonly size: number };

const told = ({ batches, examples }: Awaited<ReturnType<Pass<unknown>>>): string =>
  `${batches} with ${examples} examples`;

/** Passes once over all batches, and tells how many there were and the sum of their weights. */
export type Pass<Batch> = (
  visit: (batch: Batch, place: Place) => void | Promise<void>,
) => Promise<{ readonly batches: number; readonly examples: number }>;

/** Lets clicks, downloads and signals have their turn: a synchronous backend would starve them for a whole measurement. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** The number of examples of a batch, refused where nobody could tell or count on it. */
function sizeOf<Batch extends Tree>(batch: Batch, number: number, size: PassOptions<Batch>['size']): number {
  if (batch === undefined) throw refusal(`Batch ${number}`, 'a tree of tensors, or null', batch);
  const all = leaves(batch);
  const freed = all.find(({ leaf }) => leaf.isDisposed);
  if (freed !== undefined)
    throw new Error(
      `Batch ${number} holds a tensor that is already freed, at "${freed.path || '.'}": a function makes new batches at every pass, since they are freed; a list keeps its own.`,
    );
  if (size !== undefined) {
    const given = size(batch);
    checkNumber(`The size of batch ${number}`, given, positive);
    return given;
  }
  const [first, ...rest] = all.filter(({ leaf }) => leaf.rank > 0);
  if (first === undefined) return 1;
  const [count] = first.leaf.shape as [number];
  const odd = rest.find(({ leaf }) => leaf.shape[0] !== count);
  if (odd !== undefined)
    throw new Error(
      `All tensors of a batch have one first dimension, its examples: in batch ${number} "${first.path || '.'}" has ${count}, "${odd.path}" has ${odd.leaf.shape[0]}. Give the number by the option size.`,
    );
  if (count === 0)
    throw new Error(
      `Batch ${number} is empty, "${first.path || '.'}" has shape [${first.leaf.shape}]: leave batches without examples out.`,
    );
  return count;
}

/** Refuses what gives no batches, or only once. */
export function checkBatches(what: string, batches: unknown): void {
  const must = 'a list of batches, or a function that gives them at every pass';
  if (Array.isArray(batches) || typeof batches === 'function') return;
  if (typeof Object(batches).next === 'function')
    throw new Error(
      `The batches of ${what} must be ${must}, got an iterator, which can be walked once only: pass the function that makes it.`,
    );
  throw refusal(`The batches of ${what}`, must, batches);
}

/** The batches of one pass. */
export function sequence<Batch>(batches: Batches<Batch>): Iterable<Batch> | AsyncIterable<Batch> {
  if (typeof batches !== 'function') return batches;
  const given: unknown = batches();
  if (typeof Object(given)[Symbol.iterator] === 'function' || typeof Object(given)[Symbol.asyncIterator] === 'function')
    return given as Iterable<Batch>;
  throw refusal('What batches() gives', 'an iterable of batches', given, 'write it as function* or async function*');
}

/**
 * Makes the pass over some batches, which can be made again and again, always over the same ones.
 *
 * @param what - Who passes, for messages.
 * @throws When the batches are neither a list nor a function; in a pass, when there is none, one is empty or freed, or
 * there are others than in the pass before, since a mean over others is another function.
 */
export function passOver<Batch extends Tree>(
  what: string,
  batches: Batches<Batch>,
  { size, signal, onProgress }: PassOptions<Batch> = {},
): Pass<Batch> {
  checkBatches(what, batches);
  checkOptions(what, { size, signal, onProgress }, passOptions);
  const ours = typeof batches === 'function';
  let before: { readonly batches: number; readonly examples: number } | undefined;
  return async (visit) => {
    let [number, examples] = [0, 0];
    signal?.throwIfAborted();
    for await (const batch of sequence(batches)) {
      number += 1;
      try {
        const place = { number, size: sizeOf(batch, number, size) };
        examples += place.size;
        await visit(batch, place);
      } finally {
        if (ours) dispose(batch);
      }
      onProgress?.({ done: number, total: Array.isArray(batches) ? batches.length : before?.batches });
      await breathe();
      signal?.throwIfAborted();
    }
    if (number === 0) throw new Error(`${what} got no batches: it needs at least one.`);
    if (before !== undefined && (before.batches !== number || before.examples !== examples))
      throw new Error(
        `The batches of ${what} differ between passes, ${told(before)}, then ${told({ batches: number, examples })}: give the same ones every time, without shuffling into others.`,
      );
    before = { batches: number, examples };
    return before;
  };
}
