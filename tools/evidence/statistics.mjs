// Means of a few seeds, with the interval that says how far another few would lie.

/** 97.5 % quantiles of Student's t by degrees of freedom, 1 to 24. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064,
];

export const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/**
 * The mean and half the width of its 95 % interval: t · s / √n.
 *
 * @returns NaN for the half width of a single number, or of more than there are quantiles for.
 */
export function interval(numbers) {
  const n = numbers.length;
  const center = mean(numbers);
  const variance = numbers.reduce((sum, x) => sum + (x - center) ** 2, 0) / (n - 1);
  return { mean: center, half: (quantiles[n - 2] ?? Number.NaN) * Math.sqrt(variance / n) };
}
