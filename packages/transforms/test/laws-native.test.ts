import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe } from 'vitest';
import { describeLaws } from './support/laws.ts';
import { oneOfEach } from './support/registry.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

describe('on the native backend, every exported transformation', () => describeLaws(oneOfEach));
