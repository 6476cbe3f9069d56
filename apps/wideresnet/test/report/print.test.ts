import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { print } from '../../src/report/print.ts';

const printed = (...texts: readonly string[]): string => {
  let out = '';
  print({ write: (text) => (out += text) }, ...texts);
  return out;
};

describe('What leaves the program', () => {
  test.each([
    ['a colour', '\u001b[31mred', '\\u001b[31mred'],
    ['a cleared screen by one character', '\u009b2J', '\\u009b2J'],
    ['a bell, a backspace and a carriage return', '\u0007\b\r', '\\u0007\\u0008\\u000d'],
    ['text that runs the other way', '\u202egnp.exe', '\\u202egnp.exe'],
  ])('shows %s in letters', (_, text, shown) => {
    expect(printed(text)).toBe(`${shown}\n`);
  });

  test('keeps lines, and everything that is only text', () => {
    expect(printed('ε̂ = 0.05 ✓\n  10 %', 'next')).toBe('ε̂ = 0.05 ✓\n  10 %\nnext\n');
  });

  test('is still the same JSON', () => {
    const value = { file: '\u009b\u202e\u001b' };
    expect(JSON.parse(printed(JSON.stringify(value)))).toEqual(value);
  });

  test('goes through one function', () => {
    const src = fileURLToPath(new URL('../../src', import.meta.url));
    const writers = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .sort()
      .filter((file) => /(stdout|stderr|stream|sink)\.write\(|console\./.test(readFileSync(join(src, file), 'utf8')));
    // The launcher hands on what its ranks wrote through it, and the chart draws itself by moving the cursor; what it is
    // told to note goes through the function.
    const others = [join('launch', 'run-ranks.ts'), join('report', 'chart-board.ts')];
    expect(writers).toEqual([...others, join('report', 'print.ts')]);
  });
});
