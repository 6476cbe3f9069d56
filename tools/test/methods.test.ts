import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readmeRows } from '../bench/methods/readme.mjs';
import { when } from '../bench/methods/when.mjs';
import { root } from '../examples/extract.mjs';

const codeOf = (cell = ''): string => cell.replace(/^`(.*?)`.*$/, '$1');
const relatives: readonly (readonly string[])[] = readmeRows('chain | what it is | cost | paper');
const page = readFileSync(join(root, 'docs', 'methods.md'), 'utf8');
const rows = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => [codeOf(line.slice(2)), line]),
);

describe('the page of methods', () => {
  test('says when to use each relative of the README, and of nothing else', () => {
    expect(Object.keys(when).sort()).toEqual(relatives.map(([cell]) => codeOf(cell)).sort());
  });

  test.each(relatives.map(([cell = '', is = '', cost = '']) => ({ code: codeOf(cell), is, cost })))(
    'has what was measured of $code, with what the README says of it',
    ({ code, is, cost }) => {
      const row = rows.get(code);
      expect(row).toContain(`| ${is} | ${cost} | ${when[code]} |`);
      expect(row).toMatch(/ \| \d+\.\d{3} ± \d+\.\d{3} \| \S+ \|$/);
    },
  );
});
