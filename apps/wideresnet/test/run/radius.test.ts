import { describe, expect, test } from 'vitest';
import { presetOptions } from '../../src/options/presets/presets.ts';
import { settleRadius, warnOfRadius } from '../../src/run/radius.ts';

const options = presetOptions('fashion-mini');

describe('the radius of a norm that was changed', () => {
  const settle = (p: number) =>
    settleRadius({ options: { ...options, p }, notes: [], radiusOf: { rho: 0.05, p: 2 } }, 10_000);

  test('is comparable to that of the preset, and said', () => {
    expect(settle(Number.POSITIVE_INFINITY).options.rho).toBe(0.0005);
    expect(settle(4).options.rho).toBe(0.005);
    expect(settle(Number.POSITIVE_INFINITY).notes).toEqual([
      'rho is 0.0005: at p = inf that is comparable to 0.05 at p = 2 (10,000 parameters); --rho chooses another',
    ]);
  });

  test('is as it was when it was said', () => {
    expect(settleRadius({ options, notes: [] }, 10_000)).toEqual({ options, notes: [] });
  });
});

describe('a warning of a radius that is no neighborhood', () => {
  test('comes where every weight moves as far as the radius', () => {
    expect(warnOfRadius({ ...options, rho: 0.1, p: Number.POSITIVE_INFINITY }, 10_000, 15)).toEqual([
      'note: with --rho 0.1 and --p inf SAM looks up to 10.0 away from weights that are 15.0 long; --rho 0.0005 is comparable to 0.05 at p = 2',
    ]);
  });

  test('says what to do for each norm', () => {
    expect(warnOfRadius({ ...options, rho: 20 }, 10_000, 15)[0]).toMatch(/; the paper finds 0\.05 good for most$/);
    expect(warnOfRadius({ ...options, rho: 14, p: 1 }, 10_000, 15)[0]).toMatch(
      /a few weights go all the way: try a smaller --rho$/,
    );
  });

  test('does not come for the radii of the paper', () => {
    for (const rho of [0.01, 0.05, 0.2, 0.5]) expect(warnOfRadius({ ...options, rho }, 77_562, 15)).toEqual([]);
    expect(warnOfRadius({ ...options, rho: 0.001, p: Number.POSITIVE_INFINITY }, 10_000, 15)).toEqual([]);
  });
});
