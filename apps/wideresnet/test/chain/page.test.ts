import { fileURLToPath } from 'node:url';
import * as transforms from '@steppe/transforms';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildLinks } from '../../src/chain/build.ts';
import { read } from '../support/chains.ts';
import { chainsPage } from '../support/chains-page.ts';

test('docs/chains.md is made of the table: vitest -u writes it', async () => {
  await expect(chainsPage()).toMatchFileSnapshot(fileURLToPath(new URL('../../../../docs/chains.md', import.meta.url)));
});

test('every chain that the page shows can be built', () => {
  const blocks = [...chainsPage().matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text).chain);
  const exampleLoss = () => {
    throw new Error('Nothing is evaluated here.');
  };
  expect(blocks).toHaveLength(3);
  for (const chain of blocks)
    expect(buildLinks(read(chain), { transforms, steps: 1000, exampleLoss })).toHaveLength(chain.length);
});
