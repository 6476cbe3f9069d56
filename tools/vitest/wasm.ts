import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
// The import registers WASM as the preferred backend.
await tf.setBackend('cpu');

/** Runs a test on the WebAssembly backend and returns to the CPU backend. */
export async function onWasm<T>(run: () => T): Promise<T> {
  if (!(await tf.setBackend('wasm'))) throw new Error('The WASM backend did not start.');
  try {
    return run();
  } finally {
    await tf.setBackend('cpu');
  }
}
