import { util } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpu-guard.ts';

/** `GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST`. */
const USAGE = 0x8c;

const bound = new WeakSet<GpuBackend>();

/**
 * Gives tensors without entries a buffer of one number, which no kernel reads.
 *
 * WebGPU binds no buffer of no bytes: tfjs's kernels were rejected for an input without entries, and the device was
 * lost to all that came after.
 */
export function bindEmpty(backend: GpuBackend): void {
  if (bound.has(backend)) return;
  bound.add(backend);
  const { uploadToGPU } = backend;
  backend.uploadToGPU = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    if (data.resource || util.sizeFromShape(data.shape) > 0) return uploadToGPU.call(backend, dataId);
    data.values ??= util.getArrayFromDType(data.dtype, 0);
    data.resource = backend.bufferManager.acquireBuffer(4, USAGE);
  };
}
