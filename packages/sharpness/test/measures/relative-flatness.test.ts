import { key, normals } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { relativeFlatness, type SymmetricOperator } from '../../src/index.ts';
import { withEigenvalues } from '../support/matrices.ts';

beforeAll(() => tf.setBackend('cpu'));

test('the estimate of relative flatness has its mean at the exact value, and tells how far it deviates over keys', async () => {
  const matrix = tf.tensor2d(withEigenvalues([6, 3, 2, 1, 0.5, -0.5], 8).to2DArray());
  const kernel = tf.tensor2d(normals(key(2), 6), [3, 2]);
  // Without the checks of operatorOf, which a thousand products need not make.
  const operator: SymmetricOperator<{ readonly kernel: tf.Tensor2D }> = {
    like: { kernel },
    wanted: () => true,
    dimension: 6,
    multiply: async (v) =>
      tf.tidy(() => ({ kernel: tf.reshape<tf.Rank.R2>(tf.dot(matrix, tf.reshape(v.kernel, [6])), [3, 2]) })),
  };
  const exact = await relativeFlatness(operator, { layer: '.kernel', samples: 'all' });
  const all: { readonly value: number; readonly standardError: number | null }[] = [];
  for (let i = 0; i < 100; i++)
    all.push(await relativeFlatness(operator, { layer: '.kernel', samples: 10, key: key(i) }));
  const meanOf = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const mean = meanOf(all.map(({ value }) => value));
  const deviation = Math.sqrt(meanOf(all.map(({ value }) => (value - mean) ** 2)));
  const told = Math.sqrt(meanOf(all.map(({ standardError }) => (standardError ?? 0) ** 2)));
  expect(Math.abs(mean - exact.value)).toBeLessThan((4 * deviation) / 10);
  expect(Math.abs(told / deviation - 1)).toBeLessThan(0.25);
  tf.dispose([matrix, kernel]);
});
