import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { paragraph, terms, widthOf, wrapped } from '../../src/report/layout.ts';

describe('lines', () => {
  test.prop([fc.array(fc.stringMatching(/^\S{1,30}$/), { minLength: 1 }), fc.integer({ min: 30, max: 120 })])(
    'keep the words and the width',
    (words, width) => {
      const lines = wrapped(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    },
  );

  test('are indented, and terms stand before what they mean', () => {
    expect(paragraph('one two three', 9, 2)).toBe('  one two\n  three');
    expect(
      terms(
        [
          ['p', 'the norm of it'],
          ['rho', 'how far'],
        ],
        16,
      ),
    ).toBe('  p    the norm\n       of it\n  rho  how far');
  });

  test('are as wide as the terminal, within what can be read', () => {
    expect([widthOf({}), widthOf({ columns: 100 }), widthOf({ columns: 300 }), widthOf({ columns: 10 })]).toEqual([
      80, 100, 110, 40,
    ]);
  });
});
