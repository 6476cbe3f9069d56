/**
 * Gives tfjs's WASM backend the kernels that training needs; the backend must be the current one.
 *
 * `useBackend('wasm')` does this. Idempotent, and silent about the kernels that it replaces; tensors made before stay
 * valid.
 *
 * @throws When another backend is current, or the WASM build hides its memory.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * import { registerWasmKernels } from '@steppe/backends';
 *
 * await tf.setBackend('wasm');
 * await registerWasmKernels();
 * console.log(tf.sum(tf.fill([1_000_000], 0.1)).arraySync()); // => 100000
 * ```
 */
export async function registerWasmKernels(): Promise<void> {
  // Loaded on demand: a page on another device never fetches them.
  const { registerKernels } = await import('./wasm/register.ts');
  await registerKernels();
}
