import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { apart, spectrumOf } from '../support/normalized-network.ts';

afterAll(async () => void (await useBackend('cpu')));

test.each([true, false])('eigenvalues and trace are the same on every backend, with training: %s', async (training) => {
  await useBackend('cpu');
  const wanted = await spectrumOf(training);
  const [largest = 0] = wanted;
  expect(largest).toBeGreaterThan(0.1);
  for (const backend of ['wasm', 'native'] as const) {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    expect(apart(await spectrumOf(training), wanted), backend).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  }
});
