import type { Tree } from '@steppe/tree';
import { describe, expect, test } from 'vitest';
import * as transforms from '../../src/index.ts';
import {
  chain,
  decoupledWsam,
  freeze,
  type GradientTransformation,
  lookahead,
  muon,
  partition,
  sampa,
  samTransform,
  scale,
  scaleBySchedule,
  scheduleFree,
  sgd,
  trace,
} from '../../src/index.ts';
import { checkOptimizer } from '../../src/parts.ts';
import { registry } from '../support/registry.ts';

const all = () => true;

/** What takes the steps of an optimizer itself, so that no link behind could turn them. */
const TAKERS: { readonly [name: string]: (optimizer: GradientTransformation<Tree>) => unknown } = {
  decoupledWsam: (optimizer) => decoupledWsam(optimizer, 0.1, 0.5, 0.1),
  lookahead,
  'muon, of the rest': (rest) => muon(0.1, { rest }),
  sampa: (optimizer) => sampa(optimizer, 0.1),
  scheduleFree: (optimizer) => scheduleFree(optimizer, 0.1),
};

const says = (text: string) =>
  `The optimizer ${text} climbs: its updates are added to the weights, so an odd number of its links must turn the gradient around, as sgd(0.1) or scale(-0.1) does.`;

describe.each(Object.entries(TAKERS))('%s', (_, take) => {
  test('refuses an optimizer that climbs, by its text', () => {
    expect(() => take(samTransform(0.1))).toThrow(says('samTransform(0.1, 2)'));
    expect(() => take(chain(sgd(0.1), scale(-1)))).toThrow(says('chain(chain(scale(-0.1)), scale(-1))'));
  });

  test('takes those that go downhill, or do not say where', () => {
    const schedule = () => transforms.constant(-0.1);
    for (const link of [sgd(0.1), chain(samTransform(0.1), scale(-1)), scaleBySchedule(schedule as never), scale(0)])
      expect(() => take(link)).not.toThrow();
  });
});

test('groups of partition go the same way', () => {
  const first = (path: string) => path === '.a';
  const groups = (link: GradientTransformation<Tree>) => ({
    a: { select: first, link: sgd(0.1) },
    b: { select: (path: string) => !first(path), link },
  });
  expect(() => partition(groups(trace(0.9)))).toThrow(
    'Groups of partition must go the same way: "a" turns the gradient around and "b" does not. Put what turns it, such as sgd(0.1), into each or behind partition in the chain.',
  );
  // optax.set_to_zero, and what is held still.
  for (const link of [scale(0), freeze(all), sgd(0), scale(-1)]) expect(partition(groups(link)).sign).toBe(-1);
  expect(() => checkOptimizer('mine', partition({ all: { select: all, link: scale(2) } }))).toThrow('climbs');
});

const isLink = (value: unknown): value is GradientTransformation<Tree> => typeof Object(value).update === 'function';
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The arguments of a call with the first link in them that turns the gradient replaced by one that does not. */
function climbing(args: readonly unknown[]): readonly unknown[] | undefined {
  let found = false;
  const walk = (value: unknown): unknown => {
    if (found) return value;
    if (isLink(value)) {
      if (value.sign !== -1) return value;
      found = true;
      return samTransform(0.1);
    }
    if (Array.isArray(value)) return value.map(walk);
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]))
      : value;
  };
  const replaced = args.map(walk);
  return found ? replaced : undefined;
}

const wrappers = Object.entries(registry).flatMap(([name, links]) =>
  links.flatMap(({ made, sign }, i) => {
    const args = made?.name === name && sign === -1 ? climbing(made.args) : undefined;
    return args ? [{ wrapper: `${name} (${i + 1})`, name, args }] : [];
  }),
);

describe('no link hides that what it holds climbs', () => {
  test('of these', () => {
    const names = new Set(wrappers.map(({ name }) => name));
    expect([...names].sort().join()).toBe(
      'decoupledWsam,freeze,handOver,lookahead,masked,muon,partition,sampa,scheduleFree,skipNonFinite',
    );
  });

  test.each(wrappers)('$wrapper refuses it, or says so by its own sign', ({ name, args }) => {
    let sign: unknown = 'refused';
    try {
      sign = (Reflect.get(transforms, name)(...args) as GradientTransformation<Tree>).sign;
    } catch (error) {
      expect((error as Error).message).toMatch(/ climbs: | must (point|go) the same way: /);
    }
    expect(sign).not.toBe(-1);
  });
});
