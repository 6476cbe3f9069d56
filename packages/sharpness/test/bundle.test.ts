import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { browserBundle, browserBundles } from '../../../tools/vitest/browser-bundle.ts';
import * as sharpness from '../src/index.ts';

const tfjs = '@tensorflow/tfjs-core';
const matrices = 'ml-matrix';

/** What any export weighs at most, that differentiates a loss. */
const WITH_DERIVATIVES = 52_000;

/** What each export weighs in a page at most, in bytes, without tfjs and the library of small matrices; those that
 * differentiate a loss carry `@steppe/autograd`. */
const BOUNDS: { readonly [name in keyof typeof sharpness]?: number } = {
  diagonal: 2420,
  drawLabels: 820,
  effectiveDimension: 3520,
  eigenvalueRatio: 500,
  fisher: 49500,
  frobeniusNorm: 2460,
  gaussNewton: 48800,
  hessian: 48300,
  lambdaMax: 3620,
  operatorOf: 2130,
  preconditioned: 1600,
  spectralDensity: 3400,
  topEigenvalues: 3580,
  trace: 2690,
};

test('every export weighs what it is said to, or what derivatives weigh', async () => {
  const names = Object.keys(sharpness) as (keyof typeof sharpness)[];
  const codes = await browserBundles(
    '@steppe/sharpness',
    names.map((name) => [name]),
    [tfjs, matrices],
  );
  const weights = names.map((name, i) => ({ name, weight: brotliCompressSync(codes[i] ?? '').length }));
  expect(Object.keys(BOUNDS).filter((name) => !(name in sharpness))).toEqual([]);
  expect(weights.filter(({ name, weight }) => !(weight <= (BOUNDS[name] ?? WITH_DERIVATIVES)))).toEqual([]);
});

test('a page needs nothing of Node, and the library of small matrices only for eigenvalues', async () => {
  const importsOf = async (names: string) => {
    const { imports } = await browserBundle(`export { ${names} } from '@steppe/sharpness';`, [tfjs, matrices]);
    return [...new Set(imports)].sort();
  };
  expect(await importsOf('lambdaMax, spectralDensity')).toEqual([tfjs, matrices]);
  expect(await importsOf('trace, diagonal, frobeniusNorm, preconditioned')).toEqual([tfjs]);
});
