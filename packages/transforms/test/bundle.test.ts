import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { browserBundle, browserBundles } from '../../../tools/vitest/browser-bundle.ts';
import * as transforms from '../src/index.ts';

/** What chain, samTransform and scale may weigh. */
const SAM = 7100;

const tfjs = '@tensorflow/tfjs-core';

/** What some exports weigh in a page, without tfjs. */
async function weigh(...names: readonly string[]): Promise<number> {
  const { code, imports } = await browserBundle(`export { ${names.join()} } from '@steppe/transforms';`, [tfjs]);
  expect([...new Set(imports)]).toEqual([tfjs]);
  return brotliCompressSync(code).length;
}

test('a page carries the links that it uses, nothing of the others, and nothing of Node', async () => {
  expect(await weigh('chain', 'scale')).toBeLessThan(3010);
  expect(await weigh('chain', 'perturbBy', 'epsilonHat', 'scale')).toBeLessThan(4450);
  expect(await weigh('chain', 'samTransform', 'scale')).toBeLessThan(SAM);
});

/** SAM with all that it can, and links that evaluate it and more. */
const MADE_OF_SAM = [
  'decoupledWsam',
  'eigenCorrectedSam',
  'gsam',
  'lateSam',
  'lookSam',
  'sam',
  'saner',
  'wsam',
  'xsam',
];

test('no export brings more than SAM does, but those that are made of it, which bring little more', async () => {
  const names = Object.keys(transforms);
  const lists = names.map((name) => [...new Set(['chain', 'scale', name])]);
  const codes = await browserBundles('@steppe/transforms', lists, [tfjs]);
  const weights = names.map((name, i) => ({ name, weight: brotliCompressSync(codes[i] ?? '').length }));
  expect(weights.length).toBeGreaterThan(80);
  expect(weights.filter(({ name, weight }) => weight > (MADE_OF_SAM.includes(name) ? SAM + 1330 : SAM))).toEqual([]);
});

test('the laws run in a page: they need tfjs and fast-check, and nothing of Node', async () => {
  const { imports } = await browserBundle(`export * from '@steppe/transforms/laws';`, [tfjs, 'fast-check']);
  expect([...new Set(imports)].sort()).toEqual([tfjs, 'fast-check']);
});
