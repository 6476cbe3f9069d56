import * as tf from '@tensorflow/tfjs-core';

/** Refuses devices whose values come later only, for what reads gradients at once. */
export function checkDevice(name: string): void {
  if (tf.getBackend() === 'webgpu')
    throw new Error(
      `${name} reads gradients at once, which webgpu cannot: use the native engine, CUDA, WASM or the CPU.`,
    );
}
