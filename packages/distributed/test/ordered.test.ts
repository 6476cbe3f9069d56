import { expect, test } from 'vitest';
import type { Numbers, Whole } from '../src/mpi/connect.ts';
import { inPieces, reduceInOrder } from '../src/ordered.ts';

/** The first of two ranks, of which the other one has twice as much; `sent` holds the bytes of every message. */
function firstOfTwo() {
  const sent: number[] = [];
  let whole: Whole = new Uint8Array(0);
  const times = (values: Whole, factor: number) => values.map((x) => factor * x);
  return {
    sent,
    mpi: {
      size: 2,
      allToAll(send: Whole, receive: Whole) {
        sent.push(send.byteLength);
        whole = send.slice();
        const own = send.subarray(0, send.length / 2);
        receive.set(own);
        receive.set(times(own, 2), own.length);
      },
      // The sums of both halves, or what is small from both.
      allGather(send: Whole, receive: Whole) {
        sent.push(receive.byteLength);
        receive.set(send);
        const isHalf = 2 * send.length === whole.length;
        receive.set(isHalf ? times(whole.subarray(send.length), 3) : times(send, 2), send.length);
        whole = new Uint8Array(0);
      },
      fold(parts: Numbers, count: number) {
        const length = parts.length / count;
        for (let i = 0; i < length; i++) parts[i] = (parts[i] ?? 0) + (parts[length + i] ?? 0);
      },
    },
  };
}

test.each([
  ['one message', 9_001, 10_000],
  ['several', 47_003, 10_000],
  ['several, of which the last is small', 20_010, 10_000],
  ['a small one', 7, 10_000],
  ['none', 0, 10_000],
])('sums travel in %s, none longer than MPI counts, and each number is added once', (_, length, most) => {
  const { mpi, sent } = firstOfTwo();
  const values = Float32Array.from({ length }, (_, i) => i % 1000);
  reduceInOrder(mpi, values, 'sum', { seconds: 1, what: 'A sum' }, most);
  expect(values.findIndex((x, i) => x !== 3 * (i % 1000))).toBe(-1);
  expect(Math.max(...sent)).toBeLessThanOrEqual(4 * (most + 1));
});

test('pieces cover an array once, in their order', () => {
  const seen: number[] = [];
  inPieces(
    Int32Array.from({ length: 10 }, (_, i) => i),
    4,
    (piece) => seen.push(...piece, -1),
  );
  expect(seen).toEqual([0, 1, 2, 3, -1, 4, 5, 6, 7, -1, 8, 9, -1]);
});
