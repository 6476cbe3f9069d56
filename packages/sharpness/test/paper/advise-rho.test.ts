import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { adviseRho, type RhoCurve } from '../../src/index.ts';

/** A curve with given ratios of the rise to the promise. */
const curve = (ratios: readonly (readonly [rho: number, ratio: number])[]): RhoCurve => ({
  points: ratios.map(([rho, linearizationRatio]) => ({
    rho,
    rise: rho * linearizationRatio,
    standardError: null,
    resolution: 0,
    promised: rho,
    linearizationRatio,
  })),
  loss: 1,
  p: 2,
  gradients: 1,
  losses: ratios.length,
});

property.prop([fc.double({ min: 0.1, max: 100, noNaN: true })], { seed: 1, numRuns: 50 })(
  'where the rise is the promise times (1 + c·ρ), it breaks at 1/c, between the radii around it',
  (c) => {
    const rhos = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
    const { breaksAt, suggested } = adviseRho(curve(rhos.map((rho) => [rho, 1 + c * rho])));
    expect(suggested).toBe(rhos.filter((rho) => 1 + c * rho <= 2).at(-1) ?? null);
    if (suggested !== null) expect(Math.abs(Math.log((breaksAt as number) * c))).toBeLessThan(0.25);
  },
);

test('what is rounding has no say, and where all is there is no advice', () => {
  const given = curve([
    [0.0001, -30],
    [0.01, 1],
    [0.1, 3],
  ]);
  const coarse = (resolution: number) => ({
    ...given,
    points: given.points.map((point) => ({ ...point, resolution })),
  });
  expect(adviseRho(given).suggested).toBeNull();
  expect(adviseRho(coarse(0.004)).suggested).toBe(0.01);
  expect(() => adviseRho(coarse(0.4))).toThrow('adviseRho needs a rise that float32 tells from rounding');
});

test('the advice says what it is made of, also where there is none', () => {
  expect(
    adviseRho(
      curve([
        [0.1, 1],
        [0.01, 1.01],
      ]),
    ),
  ).toEqual({
    breaksAt: null,
    suggested: 0.1,
    words:
      'At every radius up to 0.1 the loss rises between 0.5 and 2 times the promise of the linear model: try 0.1, and larger ones.',
  });
  const early = adviseRho(
    curve([
      [0.01, 7.12],
      [0.1, 40],
    ]),
  );
  expect([early.breaksAt, early.suggested]).toEqual([null, null]);
  expect(early.words).toContain('At the smallest radius, 0.01, the loss already rises 7.1 times as much');
  // A loss that curves downward, as far as below where it began.
  const down = adviseRho(
    curve([
      [0.1, 0.9],
      [1, -0.7],
    ]),
  );
  expect(down.suggested).toBe(0.1);
  expect(down.breaksAt).toBeCloseTo(0.1 * 10 ** (0.4 / 1.6), 6);
  expect(() => adviseRho(curve([]))).toThrow('adviseRho needs a point with a promised rise');
  expect(() => adviseRho(curve([]), { factor: 1 })).toThrow('factor must be a finite number above 1, got 1.');
});
