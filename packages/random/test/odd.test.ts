import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';
import { type Meant, testOddCalls } from '../../../tools/vitest/odd.ts';
import * as random from '../src/index.ts';

const k = random.key(0);

/** Arguments that each export takes. */
const args: { readonly [name: string]: Meant['args'] } = {
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

beforeAll(async () => {
  await tf.setBackend('cpu');
});

testOddCalls(random, args);
