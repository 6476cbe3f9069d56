import type { Mpi, Wait } from './mpi/connect.ts';

/** How the ranks make sure that they are at the same call. */
export type Meeting = {
  /**
   * Waits for all ranks and gives the numbers of each, in the order of ranks.
   *
   * @param call - What this rank is about to do.
   * @param length - How much of it; it must be the same on all ranks.
   * @param own - At most `MOST_NUMBERS` numbers that this rank gives; the others get as many of it, and zeros.
   * @throws When they are not about to do the same, on all ranks.
   */
  meet(call: string, length: number, own?: ArrayLike<number>): readonly Float64Array<ArrayBuffer>[];
  /** The time limit of a call that is told as `what`. */
  wait(what: string): Wait;
};

/** A number for the name of a call, the same on every rank. */
const codeOf = (call: string): number =>
  [...call].reduce((code, letter) => (code * 31 + letter.charCodeAt(0)) >>> 0, 7);

/** The numbers that a rank can give at a meeting: with them it is a message of 256 bytes. */
export const MOST_NUMBERS = 29;

/** The count of calls, what the call is, and its length. */
const HEAD = 3;

/** Calls that were made so far; ranks that lost count of each other would add what does not belong together. */
let calls = 0;

/**
 * Makes the meetings before each call: MPI itself would add buffers of different lengths or steps without a word.
 *
 * One costs as much as the smallest message.
 */
export function meetings(mpi: Mpi, limit: number): Meeting {
  const { rank, size } = mpi;
  const width = HEAD + MOST_NUMBERS;
  const send = new Float64Array(new ArrayBuffer(8 * width));
  const all = new Float64Array(new ArrayBuffer(8 * width * size));
  const wait = (what: string): Wait => ({ seconds: limit, what });
  return {
    wait,
    meet(call, length, own = []) {
      calls += 1;
      send.fill(0);
      send.set([calls, codeOf(call), length]);
      send.set(own, HEAD);
      mpi.allGather(send, all, wait(`The meeting before ${call}`));
      const of = (other: number, field: number): number => all[other * width + field] ?? 0;
      for (let other = 0; other < size; other++) {
        const differs = [0, 1, 2].find((field) => of(other, field) !== of(0, field));
        if (differs === undefined) continue;
        const told = [
          `rank 0 is at call ${of(0, 0)}, rank ${other} at call ${of(other, 0)}`,
          'the ranks are at different calls',
          `rank 0 has ${of(0, 2)} numbers, rank ${other} has ${of(other, 2)}`,
        ][differs];
        throw new Error(
          `Rank ${rank} is about to ${call}, call ${calls}, and ${told}: every rank must make the same calls in the same order.`,
        );
      }
      return Array.from({ length: size }, (_, other) => all.slice(other * width + HEAD, (other + 1) * width));
    },
  };
}
