import { keyWatch } from '@steppe/kernels';
import { threefry2x32 } from './threefry.ts';

/**
 * Names a stream of random numbers: 64 bits as plain data, so it is saved, compared and sent like any number.
 *
 * A key is a value: the same key always gives the same numbers. Derive new keys with `split` and `foldIn`.
 */
export type Key = { readonly threefry: readonly [number, number] };

/** Second counter word by purpose: numbers, split keys and folded keys of one key never coincide. */
export const purpose = { numbers: 0, split: 1, fold: 2 } as const;

/** A value in the words of a message, whatever it is. */
export const told = (value: unknown): string =>
  Object(value) === value
    ? `an object of the kind ${Object.prototype.toString.call(value).slice(8, -1)}`
    : String(value);

/** Refuses what is no key. */
export function checkKey(key: unknown): asserts key is Key {
  if (!isKey(key)) throw new Error(`A key is what key(seed) makes, got ${told(key)}.`);
}

/** The key under a counter of another one; who records a function is told. */
function derived(parent: Key, index: number, use: number): Key {
  const counter = [index, use] as const;
  const child = threefry2x32(parent.threefry, counter);
  keyWatch()?.derived(parent.threefry, counter, child);
  return { threefry: child };
}

/**
 * Makes a key from a seed.
 *
 * @param seed - An integer from 0 to 2⁵³ - 1.
 * @throws When the seed is not such an integer.
 *
 * @example
 * ```ts
 * import { key } from '@steppe/random';
 *
 * console.log(key(7)); // => { threefry: [ 0, 7 ] }
 * ```
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`A seed is an integer from 0 to 2^53 - 1, got ${told(seed)}.`);
  return { threefry: [Math.floor(seed / 2 ** 32), seed >>> 0] };
}

/**
 * Derives `count` independent keys from one, which is then used no more.
 *
 * @throws When `parent` is no key, or `count` is no whole number of at least 0.
 *
 * @example
 * ```ts
 * import { key, split } from '@steppe/random';
 *
 * const [forDropout, forNoise] = split(key(0));
 * console.log(split(key(0), 3).length, forDropout === forNoise); // => 3 false
 * ```
 */
export function split(parent: Key, count: 3): readonly [Key, Key, Key];
export function split(parent: Key, count?: 2): readonly [Key, Key];
export function split(parent: Key, count: number): readonly Key[];
export function split(parent: Key, count = 2): readonly Key[] {
  checkKey(parent);
  if (!Number.isSafeInteger(count) || count < 0)
    throw new Error(`split gives a whole number of keys of at least 0, got ${told(count)}.`);
  return Array.from({ length: count }, (_, i) => derived(parent, i, purpose.split));
}

/**
 * Derives the key for one number of a sequence, such as a step, a layer or an example, without keeping the sequence.
 *
 * @param data - An integer from 0 to 2³² - 1.
 * @throws When `parent` is no key, or `data` is not such an integer.
 *
 * @example
 * ```ts
 * import { foldIn, key } from '@steppe/random';
 *
 * const ofStep = (step: number) => foldIn(key(0), step);
 * console.log(JSON.stringify(ofStep(1)) === JSON.stringify(ofStep(1))); // => true
 * ```
 */
export function foldIn(parent: Key, data: number): Key {
  checkKey(parent);
  if (!Number.isInteger(data) || data < 0 || data >= 2 ** 32)
    throw new Error(`foldIn takes an integer from 0 to 2^32 - 1, got ${told(data)}.`);
  return derived(parent, data, purpose.fold);
}

/**
 * Tells whether a value is a random key.
 *
 * @example
 * ```ts
 * import { isKey, key } from '@steppe/random';
 *
 * console.log(isKey(key(1)), isKey([1, 2])); // => true false
 * ```
 */
export function isKey(value: unknown): value is Key {
  if (typeof value !== 'object' || value === null || !('threefry' in value)) return false;
  const { threefry: words } = value;
  return Array.isArray(words) && words.length === 2 && words.every((word) => word === word >>> 0);
}
