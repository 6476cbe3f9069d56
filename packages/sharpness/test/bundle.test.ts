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
  aboutMeasures: 1950,
  aboutPaper: 800,
  aboutRobustness: 460,
  adviseRho: 1470,
  averageSharpness: 50340,
  diagonal: 2560,
  drawLabels: 1340,
  effectiveDimension: 3630,
  eigenvalueRatio: 590,
  featureRank: 3200,
  fisher: 49500,
  fisherRaoNorm: 48300,
  forgetting: 2910,
  frobeniusNorm: 2610,
  gaussNewton: 48800,
  hessian: 48300,
  lambdaMax: 3750,
  magnitudes: 1090,
  margins: 2900,
  mSharpness: 50860,
  noiseCurve: 5480,
  normalizeLogits: 160,
  operatorOf: 2130,
  pacBayesBound: 2500,
  pacBayesSigma: 5360,
  pathNorm: 1490,
  preconditioned: 1600,
  quantizationCurve: 3130,
  quantize: 1540,
  relativeFlatness: 3720,
  rhoCurve: 50510,
  samSharpness: 50550,
  shards: 1630,
  spectralDensity: 3520,
  spectralNorm: 2700,
  theorem2Bound: 1150,
  theorem2Text: 820,
  topEigenvalues: 3710,
  trace: 2890,
  weightNorms: 4480,
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
