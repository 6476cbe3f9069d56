import type { Address } from '../library.ts';
import type { Block, Pool } from '../memory/pool.ts';
import { CaptureError } from './capture-error.ts';

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
      // What f took step by step waits for nobody now.
      pool.release();
      try {
        block = pool.take(bytes);
      } catch (cause) {
        // Step by step it may fit, in pieces.
        const mebibytes = (bytes / 2 ** 20).toFixed(1);
        throw Object.assign(new CaptureError(`what it needs at once, ${mebibytes} MiB, does not fit in one piece`), {
          cause,
        });
      }
      return block.address;
    },
    dispose,
  };
}
