import type { Mpi, Numbers, Wait, Whole } from './mpi/connect.ts';

/** Up to so many bytes all ranks send everything to each other: one message instead of two. */
const SMALL = 16_384;

/** So many numbers travel at once at most, well below the 2 GiB that a call of MPI counts. */
export const PIECE: number = 2 ** 26;

/** Does something with the pieces of an array, one after the other. */
export function inPieces<T extends Whole>(values: T, most: number, use: (piece: T) => void): void {
  for (let at = 0; at < values.length; at += most) use(values.subarray(at, at + most) as T);
}

const like = <T extends Numbers>(values: T, length: number): T => {
  const kind = values.constructor as new (buffer: ArrayBuffer) => T;
  return new kind(new ArrayBuffer(length * values.BYTES_PER_ELEMENT));
};

/** Buffers by their kind, taken again by the next call: fresh memory costs as much as the sum. */
const kept = new Map<string, Numbers>();

function keptLike<T extends Numbers>(values: T, use: string, length: number): T {
  const name = `${values.constructor.name} ${use}`;
  const old = kept.get(name) as T | undefined;
  if (old !== undefined && old.length >= length) return old.subarray(0, length) as T;
  const made = like(values, length);
  kept.set(name, made);
  return made;
}

/**
 * Puts the sums, or the maxima, of all ranks' `values` in their place on every rank.
 *
 * Every number is x₀ ∘ x₁ ∘ ... ∘ x_{N-1}, from left to right in the order of ranks, whatever N, the length, the make of
 * MPI and the network are: MPI's own all-reduce promises no order. Each rank gets its share of the numbers from all,
 * folds it, and gives it to all: as many bytes as the ring algorithm sends.
 *
 * @param most - The numbers that travel at once at most.
 */
export function reduceInOrder(
  mpi: Pick<Mpi, 'size' | 'allGather' | 'allToAll' | 'fold'>,
  values: Numbers,
  operation: 'sum' | 'max',
  wait: Wait,
  most: number = PIECE,
): void {
  const { size } = mpi;
  const { length } = values;
  if (length > most) {
    inPieces(values, most, (piece) => reduceInOrder(mpi, piece, operation, wait, most));
    return;
  }
  if (values.byteLength <= SMALL) {
    const send = keptLike(values, 'send', length);
    const all = keptLike(values, 'all', length * size);
    send.set(values);
    mpi.allGather(send, all, wait);
    mpi.fold(all, size, operation);
    values.set(all.subarray(0, length));
    return;
  }
  const part = Math.ceil(length / size);
  // Arrays of so many bytes are never moved.
  const direct = part * size === length;
  const whole = direct ? values : keptLike(values, 'whole', part * size);
  if (!direct) whole.set(values);
  const parts = keptLike(values, 'parts', part * size);
  mpi.allToAll(whole, parts, wait);
  mpi.fold(parts, size, operation);
  mpi.allGather(parts.subarray(0, part), whole, wait);
  if (!direct) values.set(whole.subarray(0, length));
}

/** Puts the sums, or the maxima, of what all ranks have at the beginning of a message in the place of `values`. */
export function foldHeads(
  mpi: Pick<Mpi, 'size' | 'fold'>,
  values: Numbers,
  heads: readonly Float64Array<ArrayBuffer>[],
  operation: 'sum' | 'max',
): void {
  const all = keptLike(values, 'all', values.length * mpi.size);
  const bytes = new Uint8Array(all.buffer, all.byteOffset);
  for (const [rank, { buffer }] of heads.entries())
    bytes.set(new Uint8Array(buffer, 0, values.byteLength), rank * values.byteLength);
  mpi.fold(all, mpi.size, operation);
  values.set(all.subarray(0, values.length));
}
