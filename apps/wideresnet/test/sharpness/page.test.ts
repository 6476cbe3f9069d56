import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureTable } from '../../src/sharpness/table.ts';
import { sharpnessPage } from '../support/sharpness-page.ts';

const file = fileURLToPath(new URL('../../../../docs/sharpness.md', import.meta.url));

test('docs/sharpness.md has every measure in the words of the tables: vitest -u writes them', async () => {
  const page = await readFile(file, 'utf8');
  for (const name of Object.keys(measureTable)) expect(sharpnessPage(page)).toContain(`### \`${name}\`: `);
  await expect(sharpnessPage(page)).toMatchFileSnapshot(file);
});
