import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { soak } from '../../../tools/soak/soak.mjs';

// tools/soak.mjs does it for 10,000 steps, and holds the memory to 1 MB in 1,000 of them.
test('A run with a log and checkpoints keeps as many tensors as at first, and the memory of the process', async () => {
  await registerNative();
  await tf.setBackend('native');
  const { fewest, most, megabytes } = await soak({ steps: 100, every: 20 });
  expect(most).toBe(fewest);
  // A step that kept what it computes would add some 2,000.
  expect(megabytes).toBeLessThan(500);
}, 180_000);
