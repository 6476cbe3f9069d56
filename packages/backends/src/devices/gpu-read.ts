import * as tf from '@tensorflow/tfjs-core';
import type { WaitUntil } from '../platform/platform.ts';
import { again, type GpuBackend } from './gpu-guard.ts';

/** `GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST`, and `GPUMapMode.READ`. */
const [STAGING, READ] = [9, 1];

/**
 * Gives a WebGPU backend synchronous reads where there is no canvas to take them through, as in Node.
 *
 * tfjs's own way is an `OffscreenCanvas`; without one, `dataSync()` and `arraySync()` end in a `ReferenceError`.
 *
 * @param waitUntil - How to wait for the device; without it a synchronous read throws and says what to write instead.
 */
export function readWithoutCanvas(backend: GpuBackend, waitUntil: WaitUntil | undefined): void {
  const { readSync } = backend;
  backend.readSync = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    const { resource, dtype } = data;
    // What is on the host already, and complex numbers, which are read as two tensors.
    if (data.values || !resource || dtype === 'complex64') return readSync.call(backend, dataId);
    if (!waitUntil)
      throw new Error('WebGPU is not read synchronously here: await tensor.data() instead of tensor.dataSync().');
    const staging = backend.bufferManager.acquireBuffer(resource.size, STAGING);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder?.copyBufferToBuffer(resource, 0, staging, 0, resource.size);
    backend.submitQueue();
    let rejected: unknown;
    staging.mapAsync(READ).catch((error: unknown) => {
      rejected = error;
    });
    waitUntil(() => staging.mapState !== 'pending');
    if (staging.mapState !== 'mapped')
      throw new Error(`The WebGPU device is lost. To go on, ${again}`, { cause: rejected });
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    backend.bufferManager.releaseBuffer(staging);
    data.values = tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype);
    return data.values;
  };
}

/**
 * Lets a read come to its end when its tensor is disposed of meanwhile, as `tidy` does.
 *
 * tfjs's own rejects then, since it keeps what was read with the tensor.
 */
export function readPastDisposal(backend: GpuBackend): void {
  const { convertAndCacheOnCPU } = backend;
  backend.convertAndCacheOnCPU = (dataId, values) =>
    backend.tensorMap.has(dataId) ? convertAndCacheOnCPU.call(backend, dataId, values) : values;
}
