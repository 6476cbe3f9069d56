import { expect, test } from 'vitest';
import { browserBundle } from '../../../tools/vitest/browser-bundle.ts';

const bundle = (entry: string) => browserBundle(new URL(entry, import.meta.url), ['@tensorflow/tfjs-core']);

test('The package without /node goes into a browser: nothing of Node in it, and small', async () => {
  const { code, imports } = await bundle('../src/index.ts');
  expect(new Set(imports)).toEqual(new Set(['@tensorflow/tfjs-core']));
  expect(code).not.toMatch(/\b(process|Buffer|require)\b\s*[.(]/);
  expect(new TextEncoder().encode(code).length).toBeLessThan(42_100);
});

test('A page that takes batches with flip, crop and cutout carries nothing of the other augmentations', async () => {
  const exports = 'batches, fromIdx, basicAugmentation, cutout, compose';
  const { code } = await browserBundle(`export { ${exports} } from '@steppe/datasets';`, ['@tensorflow/tfjs-core']);
  expect(new TextEncoder().encode(code).length).toBeLessThan(16_000);
});

test('The test above can fail: what reads files does not go into a browser', async () => {
  await expect(bundle('../src/node/index.ts')).rejects.toThrow('node:');
});
