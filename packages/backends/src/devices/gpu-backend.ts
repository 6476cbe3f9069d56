import type { KernelBackend } from '@tensorflow/tfjs-core';
import { platform } from '#platform';
import type { GpuAdapter, GpuDeviceDescriptor, LoadedModule } from '../platform/platform.ts';
import { bindEmpty } from './gpu-empty.ts';
import { type GpuBackend, guardGpu } from './gpu-guard.ts';
import { readPastDisposal, readWithoutCanvas } from './gpu-read.ts';

/** What bounds compute shaders. tfjs asks for some of these only, and so gets 8 storage buffers on an adapter that has
 * 16. */
const limits = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
];

/** Features that tfjs uses where they are there: `tf.time`, and drawing to a canvas. */
const features = ['timestamp-query', 'bgra8unorm-storage'];

/** Asks for all that an adapter has of what tfjs can use: a device gives no more than it was asked for. */
const descriptorOf = (adapter: GpuAdapter): GpuDeviceDescriptor => ({
  requiredFeatures: features.filter((name) => adapter.features?.has(name)),
  requiredLimits: Object.fromEntries(
    limits.flatMap((name) => {
      const limit = adapter.limits?.[name];
      return limit === undefined ? [] : [[name, limit]];
    }),
  ),
});

type MakeBackend = new (device: object, info: object | undefined) => GpuBackend & KernelBackend;

/** Makes tfjs's WebGPU backend on a device of its own that throws what goes wrong. */
export async function makeGpuBackend(adapter: GpuAdapter, module: LoadedModule): Promise<KernelBackend> {
  const { device, waitUntil } = await platform.requestGpuDevice(adapter, descriptorOf(adapter));
  const backend = new (module.WebGPUBackend as MakeBackend)(device, adapter.info);
  if (waitUntil || typeof OffscreenCanvas === 'undefined') readWithoutCanvas(backend, waitUntil);
  readPastDisposal(backend);
  bindEmpty(backend);
  guardGpu(backend);
  return backend;
}
