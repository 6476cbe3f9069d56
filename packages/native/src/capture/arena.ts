import type { Address } from '../library.ts';
import type { Block, Pool } from '../memory/pool.ts';

/** The memory that the replays of one captured function share, since one runs at a time and leaves nothing there. */
export type Arena = {
  /** Where it begins, for so many bytes; what was there may be lost. */
  at(bytes: number): Address;
  dispose(): void;
};

/** Makes an arena that takes no memory before it is used. */
export function createArena(pool: Pool): Arena {
  let block: Block | undefined;
  const dispose = (): void => {
    if (block) pool.give(block);
    block = undefined;
  };
  return {
    at: (bytes) => {
      if (block && block.size >= bytes) return block.address;
      dispose();
      block = pool.take(bytes);
      return block.address;
    },
    dispose,
  };
}
