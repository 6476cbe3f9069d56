import { foldIn, type Key, told } from './key.ts';
import { bits, checkCount } from './numbers.ts';

/** A word of random bits as a number strictly between 0 and 1. */
const open = (word: number | undefined): number => ((word ?? 0) + 0.5) * 2 ** -32;

function checkShape(name: string, shape: number): void {
  if (typeof shape !== 'number' || !(shape > 0 && shape < Number.POSITIVE_INFINITY))
    throw new Error(`${name} must be a finite number above 0, got ${told(shape)}.`);
}

/** The logarithm of one draw of the gamma distribution with scale 1: it is finite where the draw itself is 0. */
function logGamma(key: Key, shape: number): number {
  // Below 1 the draw is one of shape + 1 times u^(1/shape).
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  for (let attempt = 0; ; attempt += 1) {
    const [a, b, c, boost] = bits(foldIn(key, attempt), 4);
    const x = Math.sqrt(-2 * Math.log(open(a))) * Math.cos(2 * Math.PI * open(b));
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(open(c)) < x * x * 0.5 + d - d * v + d * Math.log(v))
      return Math.log(d * v) + (shape < 1 ? Math.log(open(boost)) / shape : 0);
  }
}

/** Makes each number of its own key. */
function draw(key: Key, count: number, one: (own: Key) => number): Float32Array {
  bits(key, 0); // refuses what is no key
  checkCount(count);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 1) out[i] = one(foldIn(key, i));
  return out;
}

/**
 * Draws `count` numbers on the host from the gamma distribution, p(x) ∝ x^(shape - 1)·e^(-x), of mean and variance
 * `shape`.
 *
 * A draw too small for float32, as a shape far below 1 gives, is 0.
 *
 * @throws When the key is none, the shape is not above 0, or the count is no whole number of at least 0.
 * @see Marsaglia, Tsang: A simple method for generating gamma variables (ACM TOMS 26, 2000)
 *
 * @example
 * ```ts
 * import { gammas, key } from '@steppe/random';
 *
 * const draws = gammas(key(0), 3, 10_000);
 * const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
 * console.log(Math.abs(mean - 3) < 0.1); // => true
 * ```
 */
export function gammas(key: Key, shape: number, count: number): Float32Array {
  checkShape('shape', shape);
  return draw(key, count, (own) => Math.exp(logGamma(own, shape)));
}

/**
 * Draws `count` numbers on the host from the beta distribution, p(x) ∝ x^(alpha - 1)·(1 - x)^(beta - 1) on [0, 1]: how
 * much of each of two examples mixup takes.
 *
 * @throws When the key is none, `alpha` or `beta` is not above 0, or the count is no whole number of at least 0.
 *
 * @example
 * ```ts
 * import { betas, key } from '@steppe/random';
 *
 * console.log(betas(key(0), 0.2, 0.2, 1000).every((x) => x >= 0 && x <= 1)); // => true
 * ```
 */
export function betas(key: Key, alpha: number, beta: number, count: number): Float32Array {
  checkShape('alpha', alpha);
  checkShape('beta', beta);
  // x / (x + y) of two gammas by their logarithms, since both may be too small for a number.
  return draw(
    key,
    count,
    (own) => 1 / (1 + Math.exp(logGamma(foldIn(own, 1), beta) - logGamma(foldIn(own, 0), alpha))),
  );
}
