import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aboutLandscapes, aboutMeasures, aboutPaper, aboutRobustness, aboutSpectra } from '../src/index.ts';

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const WIDTH = 120;

/** One point of a list, in lines as wide as those of the page. */
function wrapped(text: string): string {
  const lines = ['-'];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH) lines.splice(-1, 1, line);
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}

const all = [...aboutSpectra, ...aboutMeasures, ...aboutPaper, ...aboutRobustness, ...aboutLandscapes];
const list = all.map(({ name, sentence, silent }) => wrapped(`\`${name}\`: ${sentence} Does not tell: ${silent}`));

test('the README says of every measure what it does not tell, in the words of the tables: vitest -u writes it', async () => {
  const page = await readFile(file, 'utf8');
  const begin = page.indexOf('-->\n', page.indexOf('<!-- measures: ')) + 4;
  const end = page.indexOf('<!-- end -->');
  const written = [page.slice(0, begin), '\n', list.join('\n'), '\n\n', page.slice(end)].join('');
  expect(end).toBeGreaterThanOrEqual(begin);
  await expect(written).toMatchFileSnapshot(file);
});

test('no line of the README is wider than a page, rows of tables aside', async () => {
  const page = await readFile(file, 'utf8');
  const wide = page.split('\n').filter((line) => line.length > WIDTH && !line.startsWith('|') && !line.includes('=>'));
  expect(wide).toEqual([]);
});
