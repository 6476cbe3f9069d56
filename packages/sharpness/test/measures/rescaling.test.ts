import { fc, test as property } from '@fast-check/vitest';
import { hvp } from '@steppe/autograd';
import { key, normal, split } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect } from 'vitest';
import {
  fisherRaoNorm,
  magnitudes,
  operatorOf,
  pathNorm,
  relativeFlatness,
  samSharpness,
  worstCaseSharpness,
} from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Params = { readonly first: tf.Tensor2D; readonly second: tf.Tensor2D };
type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };

/** Two ReLU layers without biases. */
const outputs = ({ first, second }: Params, { x }: Pick<Batch, 'x'>): tf.Tensor2D =>
  tf.matMul(tf.relu(tf.matMul(x, first)), second);
const crossEntropy = (f: tf.Tensor, { y }: Batch): tf.Tensor =>
  tf.mean(tf.sub(tf.logSumExp(f, 1), tf.sum(tf.mul(f, y), 1)));
const loss = (params: Params, batch: Batch): tf.Tensor => crossEntropy(outputs(params, batch), batch);

const [forFirst, forSecond, forX] = split(key(4), 3);

/** Every measure of the network whose first layer is multiplied by c, and its second divided by it. */
async function measured(c: number) {
  const first = tf.tidy(() => tf.mul<tf.Tensor2D>(normal<tf.Rank.R2>(forFirst, [3, 4]), c));
  const second = tf.tidy(() => tf.div<tf.Tensor2D>(normal<tf.Rank.R2>(forSecond, [4, 3]), c));
  const params = { first, second };
  const batch = { x: normal<tf.Rank.R2>(forX, [6, 3]), y: tf.oneHot([0, 1, 2, 0, 1, 2], 3).toFloat() as tf.Tensor2D };
  const scale = magnitudes(params);
  const flat = operatorOf(params, (v) => hvp(loss)(params, batch, v));
  const parts = { outputs: (w: Params, b: Batch) => outputs(w, b), loss: crossEntropy };
  const ball = { rho: 0.3, p: 2 };
  const found = {
    same: {
      step: (await samSharpness(loss, params, [batch], { ...ball, scale })).value,
      worst: (await worstCaseSharpness(loss, params, [batch], { ...ball, scale, iterations: 6 })).value,
      fisherRao: (await fisherRaoNorm(parts, params, [batch], { layers: 2 })).value,
      relative: (await relativeFlatness(flat, { layer: '.second', samples: 4 })).value,
      path: (await pathNorm((w: Params) => outputs(w, { x: tf.ones([1, 3]) }), params)).value,
    },
    other: (await samSharpness(loss, params, [batch], ball)).value,
  };
  tf.dispose([params, batch, scale]);
  return found;
}

property.prop([fc.integer({ min: 2, max: 4 }).map((n) => 2 ** n)], { seed: 2, numRuns: 2 })(
  'a rescaled network has the adaptive sharpness, Fisher-Rao norm, relative flatness and path norm of the first, and another plain sharpness',
  async (c) => {
    const [before, after] = [await measured(1), await measured(c)];
    for (const [name, value] of Object.entries(before.same))
      expect([name, (after.same as Record<string, number>)[name]]).toEqual([
        name,
        expect.closeTo(value, 5 - Math.ceil(Math.log10(Math.abs(value) + 1))),
      ]);
    expect(Math.abs(after.other / before.other - 1)).toBeGreaterThan(0.2);
  },
);
