import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { apart, spectrumOf } from '../support/normalized-network.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));
afterAll(async () => void (await useBackend('cpu')));

test.skipIf(reason)(`eigenvalues and trace on WebGPU are those of the CPU${reason && `: ${reason}`}`, async () => {
  // A renderer on the processor takes long for a product.
  const products = 4;
  await useBackend('cpu');
  const wanted = await spectrumOf(true, products);
  await useBackend('webgpu');
  const before = tf.memory().numTensors;
  expect(apart(await spectrumOf(true, products), wanted)).toBeLessThan(1e-4);
  expect(tf.memory().numTensors).toBe(before);
});
