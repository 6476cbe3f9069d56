import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { radiusFor } from '../src/radius.ts';
import { backends, defaults, parseSettings, printSettings } from '../src/settings.ts';

const settings = fc
  .record({
    rho: fc.double({ min: 0, max: 10, noNaN: true }),
    p: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: 1, max: 100, noNaN: true })),
    m: fc.integer({ min: 2, max: 256 }),
    learningRate: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    batch: fc.integer({ min: 2, max: 256 }),
    noise: fc.double({ min: 0, max: 0.99, noNaN: true }),
    images: fc.integer({ min: 256, max: 2000 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    backend: fc.constantFrom(...backends),
  })
  .map((drawn) => ({ ...drawn, m: Math.min(drawn.m, drawn.batch) }));

describe('settings in an address', () => {
  test('come back as they were written', () => {
    fc.assert(
      fc.property(settings, (given) => {
        expect(parseSettings(printSettings(given))).toEqual({ settings: given, problems: [] });
      }),
    );
  });

  test('are the defaults where the address names none', () => {
    expect(parseSettings('')).toEqual({ settings: defaults, problems: [] });
  });

  test.each([
    ['rho=-1', 'rho must be a number of at least 0, got -1: 0.3 is used.'],
    ['rho=', 'rho must be a number of at least 0, got nothing: 0.3 is used.'],
    ['p=0.5', 'p must be at least 1, or inf, got 0.5: 2 is used.'],
    ['m=3.5', 'm must be a whole number from 2 to 256, got 3.5: 16 is used.'],
    ['lr=zero', 'lr must be a positive number, got zero: 0.05 is used.'],
    ['noise=1', 'noise must be at least 0 and below 1, got 1: 0.4 is used.'],
    ['images=5000', 'images must be a whole number from 256 to 2000, got 5000: 400 is used.'],
    ['backend=cuda', 'backend must be one of auto, webgpu, wasm, got cuda: auto is used.'],
  ])('that are wrong keep their default and are told of: %s', (query, problem) => {
    expect(parseSettings(query)).toEqual({ settings: defaults, problems: [problem] });
  });

  test('bring the radius along where the address names another p alone', () => {
    const { settings } = parseSettings('p=inf');
    expect(settings.rho).toBe(radiusFor(defaults.rho, 2, Number.POSITIVE_INFINITY));
    expect(settings.rho).toBeLessThan(0.002);
    expect(parseSettings('p=inf&rho=0.2').settings.rho).toBe(0.2);
  });

  test('take no more images for one perturbation than the batch has', () => {
    expect(parseSettings('batch=16&m=64').settings.m).toBe(16);
    expect(parseSettings('batch=64').settings.m).toBe(64);
  });
});
