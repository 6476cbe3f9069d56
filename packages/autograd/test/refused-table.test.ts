import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { secondDerivatives } from '../src/index.ts';
import { registerRules, WITHOUT } from '../src/rules.ts';

/** Kernels that give integers, booleans, strings or constants, where a path ends. */
const ends = new Set(
  `
  All Any ArgMax ArgMin BitwiseAnd BroadcastArgs Equal Fill FloorDiv FromPixels Greater GreaterEqual IsFinite IsInf IsNan
  Less LessEqual LinSpace LogicalAnd LogicalNot LogicalOr LogicalXor LowerBound Multinomial NonMaxSuppressionV3
  NonMaxSuppressionV4 NonMaxSuppressionV5 NotEqual OneHot RaggedRange Range SearchSorted SparseReshape StaticRegexReplace
  StringNGrams StringSplit StringToHashBucketFast UpperBound
  `
    .trim()
    .split(/\s+/),
);

/** Kernels that no operation of tfjs runs where gradients are taken, under these names or at all. */
const unused = new Set(
  `
  BroadcastTo Dilation2DBackpropFilter Dilation2DBackpropInput Draw FusedConv2D FusedDepthwiseConv2D LRNGrad LogSoftmax
  MatrixBandPart Pool ResizeBilinearGrad ResizeNearestNeighborGrad _FusedMatMul
  `
    .trim()
    .split(/\s+/),
);

const kernels = Object.entries(tf).flatMap(([name, value]) =>
  typeof value === 'string' && /^_?[A-Z]/.test(value) && /^_?[A-Z]/.test(name) ? [value] : [],
);
const readme = () => readFile(new URL('../README.md', import.meta.url), 'utf8');
/** The kernels of the rows of the README's table whose cells are these. */
const rows = async (gradient: string, twice: string): Promise<string[]> =>
  (await readme()).split('\n').flatMap((line) => {
    const [, names = '', ...cells] = line.split('|').map((cell) => cell.trim());
    return cells[0] === gradient && cells[1] === twice
      ? [...names.matchAll(/`([A-Z]\w*)`/g)].map(([, k]) => k ?? '')
      : [];
  });

beforeAll(registerRules);

test('the README lists every kernel without a gradient, and no other', async () => {
  const without = kernels.filter((name) => !tf.getGradient(name) && !ends.has(name) && !unused.has(name));
  // Complex numbers begin with a kernel that has none.
  expect((await rows('no', 'no')).toSorted()).toEqual([...new Set([...without, 'ComplexAbs'])].toSorted());
});

test('the README lists every kernel that is differentiated once only, and no other', async () => {
  const covered = new Set(secondDerivatives());
  const once = kernels.filter(
    (name) => tf.getGradient(name) && !covered.has(name) && !ends.has(name) && !unused.has(name),
  );
  expect((await rows('yes', 'no')).toSorted()).toEqual(once.filter((name) => name !== 'ComplexAbs').toSorted());
});

test('of the kernels with rules, those that tfjs has none for are known', async () => {
  const stock = await readFile(new URL('../gradients/register.js', import.meta.url), 'utf8');
  const has = (name: string): boolean => stock.includes(`kernelName: ${name},`);
  expect([...WITHOUT].filter(has)).toEqual([]);
  const ours = kernels.filter((name) => tf.getGradient(name) && !has(name) && name !== 'LogSoftmax');
  expect([...new Set(ours)].toSorted()).toEqual([...WITHOUT].toSorted());
});
