import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { browserBundle } from '../../../tools/vitest/browser-bundle.ts';

const tfjs = '@tensorflow/tfjs-core';

/** What some exports weigh in a page, without tfjs. */
async function weigh(...names: readonly string[]): Promise<number> {
  const { code, imports } = await browserBundle(`export { ${names.join()} } from '@steppe/transforms';`, [tfjs]);
  expect([...new Set(imports)]).toEqual([tfjs]);
  return brotliCompressSync(code).length;
}

test('a page carries the links that it uses, nothing of the others, and nothing of Node', async () => {
  expect(await weigh('chain', 'scale')).toBeLessThan(2900);
  expect(await weigh('chain', 'perturbBy', 'epsilonHat', 'scale')).toBeLessThan(4300);
  expect(await weigh('chain', 'samTransform', 'scale')).toBeLessThan(6700);
});

test('the laws run in a page: they need tfjs and fast-check, and nothing of Node', async () => {
  const { imports } = await browserBundle(`export * from '@steppe/transforms/laws';`, [tfjs, 'fast-check']);
  expect([...new Set(imports)].sort()).toEqual([tfjs, 'fast-check']);
});
