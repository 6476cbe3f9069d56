import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { optionNames } from '../src/options/schema.ts';
import { withTables } from './support/readme-tables.ts';

const file = fileURLToPath(new URL('../README.md', import.meta.url));

test('the tables of the README are those of the schema: vitest -u writes them', async () => {
  const readme = await readFile(file, 'utf8');
  for (const name of optionNames) expect(withTables(readme)).toContain(`| \`--${name}`);
  await expect(withTables(readme)).toMatchFileSnapshot(file);
});
