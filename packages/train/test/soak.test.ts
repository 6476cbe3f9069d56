import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { soak } from '../../../tools/soak/soak.mjs';

// tools/soak.mjs does it for 10,000 steps, and holds the resident memory to 1 MB in 1,000 of them.
test('A run with a log and checkpoints keeps as many tensors as at first, and as much memory', async () => {
  await registerNative();
  await tf.setBackend('native');
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const memory = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { fewest, most, megabytes } = await soak({ steps: 100, every: 20, memory });
  expect(most).toBe(fewest);
  // A step that kept the weights would add 300.
  expect(megabytes).toBeLessThan(20);
}, 180_000);
