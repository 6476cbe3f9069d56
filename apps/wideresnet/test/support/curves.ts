import type { Curve } from '../../src/report/curve.ts';

/** A run that gets better throughout, and one at the same cost that is spoilt by wrong labels after a while. */
export const curves: readonly Curve[] = [
  { name: 'SAM', points: [30, 60, 90, 120].map((gradients, i) => ({ gradients, error: 0.6 - 0.1 * i })) },
  {
    name: 'SGD <b>equal</b>',
    points: [30, 60, 90, 120].map((gradients, i) => ({ gradients, error: 0.5 - 0.1 * i + 0.05 * i * i })),
  },
];
