import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { namesOf } from '../src/options/option.ts';
import { optionNames } from '../src/options/schema.ts';
import { ownOptions, sharedOptions } from '../src/sharpness/options.ts';
import { rhoOptions } from '../src/sharpness/rho-options.ts';
import { withTables } from './support/readme-tables.ts';

const file = fileURLToPath(new URL('../README.md', import.meta.url));

test('the tables of the README are those of the schema: vitest -u writes them', async () => {
  const readme = await readFile(file, 'utf8');
  for (const name of optionNames) expect(withTables(readme)).toContain(`| \`--${name}`);
  await expect(withTables(readme)).toMatchFileSnapshot(file);
});

test('the rows of the commands that measure name each of their options', async () => {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const commands = { rho: namesOf(rhoOptions), sharpness: namesOf(ownOptions) };
  for (const [command, own] of Object.entries(commands)) {
    const row = lines.find((line) => line.startsWith(`| \`steppe ${command} RUN`));
    for (const name of [...own, ...sharedOptions]) expect(row).toMatch(new RegExp(`\`--${name}[\` ]`));
  }
});
