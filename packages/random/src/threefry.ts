/** Four rounds with the rotations of one half of the schedule, then a key injection; `out` holds the two words of the
 * state. */
function rounds(
  out: Uint32Array,
  at: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  k0: number,
  k1: number,
): void {
  let x0 = out[at] as number;
  let x1 = out[at + 1] as number;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << r0) | (x1 >>> (32 - r0))) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << r1) | (x1 >>> (32 - r1))) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << r2) | (x1 >>> (32 - r2))) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << r3) | (x1 >>> (32 - r3))) ^ x0;
  out[at] = x0 + k0;
  out[at + 1] = x1 + k1;
}

/** `threefry2x32` into `out[at]` and `out[at + 1]`: no allocation, for streams of millions. */
export function threefryInto(out: Uint32Array, at: number, k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  out[at] = c0 + k0;
  out[at + 1] = c1 + k1;
  rounds(out, at, 13, 15, 26, 6, k1, k2 + 1);
  rounds(out, at, 17, 29, 16, 24, k2, k0 + 2);
  rounds(out, at, 13, 15, 26, 6, k0, k1 + 3);
  rounds(out, at, 17, 29, 16, 24, k1, k2 + 4);
  rounds(out, at, 13, 15, 26, 6, k2, k0 + 5);
}

/**
 * Scrambles a counter under a key: Threefry-2x32 with 20 rounds, a bijection of 64-bit counters for each key.
 *
 * Counter-based, so any part of a stream can be had without the part before it, and integer-only, so it is the same
 * everywhere.
 *
 * @throws When the key or the counter is no pair.
 * @returns Two unsigned 32-bit integers.
 * @see Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011), section 4.2; the generator of JAX.
 *
 * @example
 * ```ts
 * import { threefry2x32 } from '@steppe/random';
 *
 * console.log(threefry2x32([0, 0], [0, 0]).map((word) => word.toString(16))); // => [ '6b200159', '99ba4efe' ]
 * ```
 */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  for (const words of [key, counter])
    if (words?.length !== 2) throw new Error('Threefry takes a key and a counter of two numbers each, such as [0, 0].');
  const out = new Uint32Array(2);
  threefryInto(out, 0, key[0], key[1], counter[0], counter[1]);
  return [out[0] as number, out[1] as number];
}
