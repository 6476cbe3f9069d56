import type { Missing } from '../device.ts';
import { type Gpu, type Platform, requestDevice } from './platform.ts';

const nodeOnly = (what: string): Missing => ({
  reason: `a browser cannot load ${what}`,
  command: 'run the same code in Node',
});

/** The platform of browsers and of everything else that is not Node. */
export const platform: Platform = {
  name: 'browser',
  loadTensorFlow: async () => nodeOnly("TensorFlow's C library"),
  loadNative: async () => nodeOnly("@steppe/native's C kernels"),
  hasGraphics: () => true,
  findGpu: async () => {
    const { gpu } = (globalThis.navigator ?? {}) as { readonly gpu?: Gpu };
    return gpu ?? { reason: 'this browser has no WebGPU', command: 'open https://webgpureport.org in a newer browser' };
  },
  requestGpuDevice: async (adapter, descriptor) => ({ device: await requestDevice(adapter, descriptor) }),
  // Written out, so that bundlers bundle it where it is installed.
  loadWebGpuBackend: () =>
    import('@tensorflow/tfjs-backend-webgpu').catch(() => ({
      reason: '@tensorflow/tfjs-backend-webgpu is not installed',
      command: 'npm install @tensorflow/tfjs-backend-webgpu',
    })),
  wasmFolder: () => undefined,
  enableRelaxedSimd: () => {},
  withoutProcessHandlers: (load) => load(),
};
