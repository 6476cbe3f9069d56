import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chain,
  type GradientTransformation,
  gradientsOver,
  interval,
  lookSam,
  microBatch,
  samTransform,
  sgd,
  transformation,
  xsam,
} from '../../src/index.ts';
import { type Link, registry } from '../support/registry.ts';

const isLink = (value: unknown): value is Link => typeof Object(value).update === 'function';

/** The links in the arguments that a link was made with, those in records and lists too. */
const within = (value: unknown): readonly Link[] =>
  isLink(value) ? [value] : Array.isArray(value) ? value.flatMap(within) : valuesOf(value).flatMap(within);

const valuesOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(value)
    : [];

// An alias is made by what it stands for.
const wrappers = Object.entries(registry)
  .map(([name, links]) => ({
    name,
    inner: links.flatMap(({ made }) => (made?.name === name ? within(made.args) : [])),
  }))
  // The ascent of SAM has no state, which a cost that depends on the step is counted in.
  .filter(({ name, inner }) => inner.length > 0 && name !== 'samTransform');

test.each(wrappers)('$name stands in the laws around a link whose cost depends on the step', ({ inner }) => {
  expect(inner.some(({ costAt }) => costAt !== undefined)).toBe(true);
});

test('there are wrappers', () => {
  expect(wrappers.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['chain', 'decoupledWsam', 'freeze', 'interval', 'lookahead', 'masked', 'partition']),
  );
});

test('a run of constant cost costs its steps times that', () => {
  expect(gradientsOver(chain(samTransform(0.1), microBatch(4), sgd(0.1)), 7)).toBe(14);
  expect(gradientsOver(chain(), 0)).toBe(0);
});

test('what depends on the step is added up, and is the mean in a long run only', () => {
  const over = (link: GradientTransformation<null, never>) => [1, 2, 3, 4, 5, 6].map((n) => gradientsOver(link, n));
  const costs = (link: { readonly costAt?: ((step: number) => number) | undefined }) =>
    [0, 1, 2, 3, 4, 5].map((step) => link.costAt?.(step));
  expect(costs(interval(3, samTransform(0.1)))).toEqual([1, 1, 2, 1, 1, 2]);
  expect(costs(lookSam(3, 0.1))).toEqual([2, 1, 1, 2, 1, 1]);
  expect(costs(xsam(0.1, { alphas: [1, 2], probeEvery: 4 }))).toEqual([4, 2, 2, 2, 4, 2]);
  // The inner period counts the steps at which the outer one runs it: SAM at its own second.
  expect(costs(interval(2, interval(2, samTransform(0.1))))).toEqual([1, 1, 1, 2, 1, 1]);
  // Both of two in a chain run at the same steps: more than the product of their means.
  expect(costs(chain(interval(2, samTransform(0.1)), interval(2, samTransform(0.1))))).toEqual([1, 4, 1, 4, 1, 4]);
  expect(over(microBatch(2))).toEqual([1, 2, 3, 4, 5, 6]);
});

test('whole periods cost their steps times the mean', () => {
  const period = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(period, fc.integer({ min: 0, max: 20 }), (k, periods) => {
      const link = chain(interval(k, samTransform(0.1)), sgd(0.1));
      expect(gradientsOver(link, periods * k)).toBeCloseTo(periods * k * link.gradientCost, 9);
    }),
    { seed: 12 },
  );
});

test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s steps', (steps) => {
  expect(() => gradientsOver(sgd(0.1), steps)).toThrow(`steps must be a whole number of at least 0, got ${steps}.`);
});

test('refuses what is no transformation', () => {
  expect(() => gradientsOver(sgd as never, 1)).toThrow('link must be a transformation such as scale(-0.1)');
  expect(() => transformation({ ...sgd(0.1), costAt: 2 as never })).toThrow('costAt must be a function, got 2.');
});
