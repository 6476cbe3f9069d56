import * as tf from '@tensorflow/tfjs-core';
import { platform } from '#platform';
import type { Device } from '../device.ts';
import { type Gpu, type GpuAdapter, isMissing, type LoadedModule } from '../platform/platform.ts';
import { askByCall } from '../remedies.ts';
import { activate } from './activate.ts';
import { makeGpuBackend } from './gpu-backend.ts';
import { bindEmpty } from './gpu-empty.ts';
import { gpuFailure, guardGpu, isGpuBackend } from './gpu-guard.ts';

const preference = { powerPreference: 'high-performance' } as const;

/** Names that the known software renderers give themselves. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/** The adapter's own words for itself. */
export const adapterName = ({ info = {} }: GpuAdapter): string =>
  info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'an unnamed adapter';

/** Tells whether an adapter computes on the CPU: right, but slower than WASM by ten times. */
export function isSoftwareAdapter(adapter: GpuAdapter): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info ?? {};
  const words = [vendor, architecture, device, description].join(' ');
  return isFallbackAdapter === true || adapter.isFallbackAdapter === true || softwareNames.test(words);
}

/** Registers a backend on a device of our own, unless there is one that works: tensors may be on it. */
async function activateOn(gpu: Gpu, module: LoadedModule): Promise<void> {
  const present = tf.engine().registry.webgpu;
  const works = present !== undefined && isGpuBackend(present) && gpuFailure(present) === undefined;
  if (works) {
    bindEmpty(present);
    guardGpu(present);
  } else {
    // An adapter gives one device only, so that each backend needs its own.
    const make = async (): Promise<tf.KernelBackend> => {
      const adapter = await gpu.requestAdapter(preference);
      if (!adapter) throw new Error('WebGPU found no graphics adapter');
      return makeGpuBackend(adapter, module);
    };
    if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', make, 3);
  }
  const { registerWebGpuKernels } = await import('../webgpu/register.ts');
  registerWebGpuKernels();
  await activate('webgpu');
}

/** tfjs's WebGPU backend: in browsers by themselves, in Node by the package `webgpu` (Dawn). */
export const webgpu: Device = {
  name: 'webgpu',
  probe: async ({ auto, ask = askByCall }) => {
    if (auto && !platform.hasGraphics())
      return {
        reason: 'this machine shows no graphics device (/dev/dri)',
        command: `install the GPU's driver, or try ${ask('webgpu')}`,
      };
    const gpu = await platform.findGpu();
    if (isMissing(gpu)) return gpu;
    const adapter = await gpu.requestAdapter(preference);
    if (!adapter)
      return {
        reason: 'WebGPU found no graphics adapter',
        command:
          platform.name === 'node'
            ? 'sudo apt install mesa-vulkan-drivers (Debian 12: with -t bookworm-backports)'
            : 'open chrome://gpu',
      };
    if (auto && isSoftwareAdapter(adapter))
      return {
        reason: `WebGPU found only a software renderer (${adapterName(adapter)}), slower than WASM`,
        command: ask('webgpu'),
      };
    const module = await platform.loadWebGpuBackend();
    if (isMissing(module)) return module;
    return {
      tfjsName: 'webgpu',
      version: typeof module.version === 'string' ? module.version : '',
      details: { library: '@tensorflow/tfjs-backend-webgpu' },
      description: `WebGPU on ${adapterName(adapter)}`,
      warnings: isSoftwareAdapter(adapter) ? ['This adapter is a software renderer: WASM is faster.'] : [],
      activate: () => activateOn(gpu, module),
    };
  },
};
