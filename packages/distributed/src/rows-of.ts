import { checkNumber, count } from '@steppe/check';
import { checkWorld } from './check-world.ts';
import type { World } from './world.ts';

/** The examples of a batch that are a rank's: from `begin` to before `end`. */
export type Rows = { readonly begin: number; readonly end: number };

/**
 * Gives the examples of a batch that this rank evaluates, in slices of ⌈size / N⌉: those that `microBatch(⌈size / N⌉)`
 * cuts in one process.
 *
 * @param size - The examples of the whole batch.
 * @throws When the batch leaves a rank without examples.
 *
 * @example
 * ```ts
 * import { rowsOf } from '@steppe/distributed';
 *
 * console.log(rowsOf({ rank: 1, size: 4 }, 128)); // => { begin: 32, end: 64 }
 * ```
 */
export function rowsOf(world: Pick<World, 'rank' | 'size'>, size: number): Rows {
  checkWorld(world, 'rank', 'size');
  const { rank, size: ranks } = world;
  checkNumber('size of the world', ranks, count);
  checkNumber('rank of the world', rank, [
    `a rank from 0 to ${ranks - 1}`,
    (x) => Number.isInteger(x) && x >= 0 && x < ranks,
  ]);
  checkNumber('size', size, ['a positive whole number of examples', count[1]]);
  const part = Math.ceil(size / ranks);
  if (part * (ranks - 1) >= size)
    throw new Error(
      `A batch of ${size} in slices of ${part} leaves rank ${ranks - 1} of ${ranks} without examples: use a multiple of ${ranks}.`,
    );
  return { begin: rank * part, end: Math.min(size, (rank + 1) * part) };
}
