import { keyWatch } from '@steppe/kernels';
import { checkKey, type Key, purpose, told } from './key.ts';
import { threefryInto } from './threefry.ts';

/** Refuses a count that is none. */
export function checkCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new Error(`A count of numbers is a whole number of at least 0, got ${told(count)}.`);
}

/**
 * Draws random bits on the host: `count` unsigned 32-bit integers.
 *
 * @throws When the key is none, or the count is no whole number of at least 0.
 *
 * @example
 * ```ts
 * import { bits, key } from '@steppe/random';
 *
 * console.log(bits(key(0), 4).length); // => 4
 * ```
 */
export function bits(key: Key, count: number): Uint32Array {
  checkKey(key);
  checkCount(count);
  keyWatch()?.drawn(key.threefry);
  const out = new Uint32Array(count + (count & 1));
  const [k0, k1] = key.threefry;
  for (let i = 0; i < count; i += 2) threefryInto(out, i, k0, k1, i >>> 1, purpose.numbers);
  return out.subarray(0, count);
}

/**
 * Draws `count` numbers on the host, uniform in [0, 1), each a multiple of 2⁻²⁴ and so exact in float32.
 *
 * @example
 * ```ts
 * import { key, uniforms } from '@steppe/random';
 *
 * console.log(uniforms(key(0), 1000).every((u) => u >= 0 && u < 1)); // => true
 * ```
 */
export function uniforms(key: Key, count: number): Float32Array {
  const words = bits(key, count);
  const out = new Float32Array(count);
  // A loop: `Float32Array.from` takes ten times as long, and dropout draws millions.
  for (let i = 0; i < count; i++) out[i] = ((words[i] as number) >>> 8) * 2 ** -24;
  return out;
}

/**
 * Draws `count` numbers on the host, normal with mean 0 and variance 1, by the Box-Muller transform:
 * √(-2 ln u₁)·cos 2πu₂ and √(-2 ln u₁)·sin 2πu₂.
 *
 * @example
 * ```ts
 * import { key, normals } from '@steppe/random';
 *
 * const draws = normals(key(0), 10_000);
 * const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
 * console.log(Math.abs(mean) < 0.05); // => true
 * ```
 */
export function normals(key: Key, count: number): Float32Array {
  checkCount(count);
  const words = bits(key, count + (count & 1));
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    // (word + ½) / 2³² lies strictly between 0 and 1, so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(((words[i] as number) + 0.5) * 2 ** -32));
    const angle = 2 * Math.PI * (words[i + 1] as number) * 2 ** -32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * Shuffles 0 … count - 1: every order is equally likely (Fisher-Yates).
 *
 * @example
 * ```ts
 * import { key, permutation } from '@steppe/random';
 *
 * console.log([...permutation(key(0), 5)].sort()); // => [ 0, 1, 2, 3, 4 ]
 * ```
 */
export function permutation(key: Key, count: number): Uint32Array {
  const words = bits(key, count);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    // Scaling 32 bits to i + 1 places is uneven by less than count / 2³².
    const j = Math.floor((words[i] as number) * 2 ** -32 * (i + 1));
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}
