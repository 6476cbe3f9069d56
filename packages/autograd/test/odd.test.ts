import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults, testOddCalls } from '../../../tools/vitest/odd.ts';
import * as autograd from '../src/index.ts';

const outputs = (w: tf.Tensor, x: tf.Tensor) => tf.mul(w, x);
const loss = (w: tf.Tensor, x: tf.Tensor) => tf.sum(tf.square(outputs(w, x))).asScalar();
const pair = () => tf.tensor1d([1, 2]);
const gradient = autograd.valueAndGrad(loss);

/** Arguments that each export takes. */
const args: { readonly [name: string]: Meant['args'] } = {
  hvp: () => [gradient, pair(), pair(), pair()],
  jvp: () => [outputs, pair(), pair(), pair()],
  secondDerivativeError: () => [],
  secondDerivatives: () => [],
  trustSecondDerivative: () => ['MyKernel'],
  unusedLeaves: () => [gradient, pair(), pair()],
  valueAndGrad: () => [loss, { wanted: () => true }],
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});

testOddCalls(autograd, args);

test('The gradient that valueAndGrad gives works or says in one line what it needs', async () => {
  expect(await oddFaults({ name: 'gradient', call: gradient, args: () => [pair(), pair()] })).toEqual([]);
  const taken = autograd.valueAndGrad({ outputs, loss: (y: tf.Tensor) => tf.sum(y).asScalar() });
  expect(await oddFaults({ name: 'gradient', call: taken, args: () => [pair(), pair()] })).toEqual([]);
});
