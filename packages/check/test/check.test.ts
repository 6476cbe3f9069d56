import { describe, expect, test } from 'vitest';
import {
  aNumber,
  checkFunction,
  checkNumber,
  checkOneOf,
  checkOptions,
  count,
  finite,
  nearest,
  nonNegative,
  oneOf,
  positive,
  type Rule,
  share,
  shown,
} from '../src/index.ts';

describe('checkNumber', () => {
  test.each<[Rule, number, number]>([
    [finite, -1, Number.NaN],
    [nonNegative, 0, Number.POSITIVE_INFINITY],
    [finite, -3.4e38, Number.NEGATIVE_INFINITY],
    [positive, 1e-45, 0],
    [positive, 3.4e38, Number.POSITIVE_INFINITY],
    // Zero as a float32.
    [positive, 1, 1e-46],
    [share, 1, 0],
    [count, 1, 1.5],
  ])('takes what keeps %o and refuses what breaks it', (rule, good, bad) => {
    expect(() => checkNumber('x', good, rule)).not.toThrow();
    expect(() => checkNumber('x', bad, rule)).toThrow(`x must be ${rule[0]}, got ${bad}.`);
    expect(() => checkNumber('x', Number.NaN, rule)).toThrow(`x must be ${rule[0]}, got NaN.`);
  });

  test.each<[Rule, number, number]>([
    [finite, 3.4028234e38, 1e39],
    [nonNegative, 3.4028234e38, 3.403e38],
    [positive, 3.4028234e38, 1e300],
    [count, 2 ** 31 - 1, 2 ** 31],
    [count, 1, 1e300],
  ])('refuses what the device does not hold by %o', (rule, good, bad) => {
    expect(() => checkNumber('x', good, rule)).not.toThrow();
    expect(() => checkNumber('x', bad, rule)).toThrow(`x must be ${rule[0]}, got ${bad}: too large.`);
  });

  test.each([['1'], [undefined], [null], [{ rho: 1 }], [[1]], [1n], [true], [() => 1]])('refuses %o', (value) => {
    expect(() => checkNumber('x', value, finite)).toThrow(`x must be a number, got ${shown(value)}.`);
  });
});

describe('checkOptions', () => {
  test('names the option that was probably meant, or else those that there are', () => {
    expect(() => checkOptions('f', { ordre: 2 }, ['order', 'steps'])).toThrow(
      'f has no option "ordre": did you mean "order"?',
    );
    expect(() => checkOptions('f', { radius: 2 }, ['order', 'steps'])).toThrow(
      'f has no option "radius": it takes order, steps.',
    );
  });

  test.each([[2], ['order'], [null], [[1]]])('refuses %o in the place of a record', (given) => {
    expect(() => checkOptions('f', given, ['order'])).toThrow(
      `The options of f must be a record, got ${shown(given)}.`,
    );
  });
});

test('checkOptions checks the values that are given, by name', () => {
  const checks = { order: oneOf(1, 2), steps: aNumber(count), perturb: checkFunction };
  expect(() => checkOptions('f', { order: 2, steps: undefined, perturb: () => true }, checks)).not.toThrow();
  expect(() => checkOptions('f', { order: 3 }, checks)).toThrow('order must be 1 or 2, got 3.');
  expect(() => checkOptions('f', { steps: 0 }, checks)).toThrow('steps must be a positive whole number, got 0.');
  expect(() => checkOptions('f', { perturb: '.k' }, checks)).toThrow('perturb must be a function, got ".k".');
  expect(() => checkOptions('f', { ordre: 2 }, checks)).toThrow('f has no option "ordre": did you mean "order"?');
});

test('checkOneOf and checkFunction say what would do', () => {
  expect(() => checkOneOf('order', 3, [1, 2])).toThrow('order must be 1 or 2, got 3.');
  expect(() => checkFunction('select', '.kernel')).toThrow('select must be a function, got ".kernel".');
});

test('shown keeps to one short line', () => {
  expect(shown('a\nb')).toBe('"a\\nb"');
  expect(shown('x'.repeat(1000)).length).toBe(60);
  expect(shown(Symbol('s'))).toBe('Symbol(s)');
});

test('nearest guesses only what is near', () => {
  expect(nearest('nesterow', ['nesterov'])).toBe('nesterov');
  expect(nearest('p', ['order', 'steps'])).toBeUndefined();
  expect(nearest('stepsss', ['steps'])).toBe('steps');
  expect(nearest('stp', ['order', 'steps'])).toBe('steps');
  expect(nearest('stxyps', ['steps'])).toBe('steps');
  expect(nearest('stepssss', ['steps'])).toBeUndefined();
  expect(nearest('rat', ['bath', 'rate'])).toBe('rate');
});
