import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults } from '../../../tools/vitest/odd.ts';
import * as autograd from '../src/index.ts';

const outputs = (w: tf.Tensor, x: tf.Tensor) => tf.mul(w, x);
const loss = (w: tf.Tensor, x: tf.Tensor) => tf.sum(tf.square(outputs(w, x))).asScalar();
const pair = () => tf.tensor1d([1, 2]);
const gradient = autograd.valueAndGrad(loss);

/** Arguments that each export takes. */
const args: { readonly [name: string]: () => readonly unknown[] } = {
  hvp: () => [gradient, pair(), pair(), pair()],
  jvp: () => [outputs, pair(), pair(), pair()],
  secondDerivativeError: () => [],
  secondDerivatives: () => [],
  trustSecondDerivative: () => ['MyKernel'],
  unusedLeaves: () => [gradient, pair(), pair()],
  valueAndGrad: () => [loss, { wanted: () => true }],
};

const functions = Object.entries(autograd).filter(([, value]) => typeof value === 'function');

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('Each export is tried with odd arguments', () => {
  expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(args));
});

test.each(functions)('%s works or says in one line what it needs', async (name, call) => {
  expect(await oddFaults({ name, call, args: args[name] as Meant['args'] })).toEqual([]);
});

test('The gradient that valueAndGrad gives works or says in one line what it needs', async () => {
  expect(await oddFaults({ name: 'gradient', call: gradient, args: () => [pair(), pair()] })).toEqual([]);
  const taken = autograd.valueAndGrad({ outputs, loss: (y: tf.Tensor) => tf.sum(y).asScalar() });
  expect(await oddFaults({ name: 'gradient', call: taken, args: () => [pair(), pair()] })).toEqual([]);
});
