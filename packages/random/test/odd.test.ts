import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults } from '../../../tools/vitest/odd.ts';
import * as random from '../src/index.ts';

const k = random.key(0);

/** Arguments that each export takes. */
const args: { readonly [name: string]: () => readonly unknown[] } = {
  bernoulli: () => [k, 0.5, [2]],
  betas: () => [k, 1, 2, 3],
  bits: () => [k, 3],
  foldIn: () => [k, 1],
  gammas: () => [k, 1, 3],
  isKey: () => [k],
  key: () => [1],
  normal: () => [k, [2]],
  normals: () => [k, 3],
  permutation: () => [k, 3],
  split: () => [k, 2],
  threefry2x32: () => [
    [1, 2],
    [3, 4],
  ],
  uniform: () => [k, [2], 0, 1],
  uniforms: () => [k, 3],
};

const functions = Object.entries(random).filter(([, value]) => typeof value === 'function');

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('Each export is tried with odd arguments', () => {
  expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(args));
});

test.each(functions)('%s works or says in one line what it needs', async (name, call) => {
  expect(await oddFaults({ name, call, args: args[name] as Meant['args'] })).toEqual([]);
});
