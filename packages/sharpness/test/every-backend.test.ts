import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { againstReference, apart } from './support/against-reference.ts';

afterAll(async () => void (await useBackend('cpu')));

test.each(['cpu', 'wasm', 'native'] as const)(
  'on %s every measure is that of PyTorch in float64, and leaves no tensor',
  async (name) => {
    await useBackend(name);
    const before = tf.memory().numTensors;
    const rows = await againstReference();
    expect(apart(rows)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  },
);
