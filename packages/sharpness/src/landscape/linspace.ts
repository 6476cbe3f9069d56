import { checkNumber, finite, type Rule } from '@steppe/check';

const atLeastTwo: Rule = ['a whole number of at least 2', (x) => Number.isInteger(x) && x >= 2];

/**
 * Gives numbers at equal distances, both ends among them: where to look along a direction.
 *
 * An odd number of points from -a to a has 0 among them, exactly.
 *
 * @throws When an end is not finite, or there are fewer than 2 points.
 *
 * @example
 * ```ts
 * import { linspace } from '@steppe/sharpness';
 *
 * console.log(linspace(-1, 1, 5)); // => [ -1, -0.5, 0, 0.5, 1 ]
 * ```
 */
export function linspace(low: number, high: number, points: number): readonly number[] {
  checkNumber('low', low, finite);
  checkNumber('high', high, finite);
  checkNumber('points', points, atLeastTwo);
  const last = points - 1;
  return Array.from({ length: points }, (_, i) => (low * (last - i) + high * i) / last);
}
