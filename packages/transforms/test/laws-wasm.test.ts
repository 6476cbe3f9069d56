import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe } from 'vitest';
import { describeLaws } from './support/laws.ts';
import { oneOfEach } from './support/registry.ts';

beforeAll(async () => {
  setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  await tf.setBackend('wasm');
});

// What differs between backends is the kernels, which the first instance of each export calls.
describe('on the WASM backend, every exported transformation', () => describeLaws(oneOfEach));
