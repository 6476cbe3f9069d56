import type { Numbers } from './mpi/connect.ts';
import type { World } from './world.ts';

/** What the links of this package do with a world of several ranks, beside what everybody may. */
export type Joined = {
  /** Waits for all ranks and gives the numbers of each, at most `MOST_NUMBERS`, in the order of ranks. */
  meet(call: string, numbers: readonly number[]): readonly Float64Array[];
  /** Adds what all ranks have, as `allReduce` does, without a meeting before it: after one that has seen to its length. */
  add(values: Numbers): void;
};

/** Where a world has them: a copy of it has them, too. */
export const joined: unique symbol = Symbol('joined');

const isJoined = (world: World): world is World & { readonly [joined]: Joined } => joined in world;

/** Finds what the links of this package do with a world. @throws When it is none of several ranks. */
export function joinedOf(world: World): Joined {
  if (isJoined(world)) return world[joined];
  throw new Error('A world of several ranks is made by world(), got another one.');
}
