import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { printJson, spelledNumber } from '../../src/index.ts';

describe('JSON with numbers that JSON cannot say', () => {
  property.prop([
    fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  ])('gives back every number but the sign of zero', (number) => {
    const read: unknown = JSON.parse(printJson({ number })).number;
    expect(spelledNumber(read) ?? read).toBe(number + 0);
  });

  test('is that of JSON.stringify for everything else', () => {
    const value = { a: [1, 'NaN', null, { b: true }], c: undefined };
    expect(printJson(value)).toBe(JSON.stringify(value));
    expect(printJson(value, 2)).toBe(JSON.stringify(value, null, 2));
  });

  test('takes no other word for a number', () => {
    for (const word of ['nan', 'inf', '', '1', null, undefined, 1, Number.NaN, 'constructor'])
      expect(spelledNumber(word)).toBeUndefined();
  });
});
