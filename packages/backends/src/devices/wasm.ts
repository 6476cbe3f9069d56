import { env } from '@tensorflow/tfjs-core';
import { platform } from '#platform';
import type { BackendOptions, Device } from '../device.ts';
import { supportsSimd } from '../simd/kernels.ts';
import { registerWasmKernels } from '../wasm-kernels.ts';
import { activate } from './activate.ts';

const withSlash = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);

/** tfjs's WASM backend on one core, with the kernels of this package. */
export const wasm: Device = {
  name: 'wasm',
  probe: async ({ wasmPaths = platform.wasmFolder() }: BackendOptions) => {
    if (typeof WebAssembly === 'undefined') return { reason: 'this engine has no WebAssembly', command: 'npx node@22' };
    platform.enableRelaxedSimd();
    const fused = supportsSimd(true);
    if (!fused && !supportsSimd(false))
      return { reason: 'this engine has no WebAssembly SIMD', command: 'npx node@22' };
    const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    return {
      tfjsName: 'wasm',
      version: version_wasm,
      description: `WebAssembly on one core, 128-bit SIMD ${fused ? 'with' : 'without'} fused multiply-add`,
      warnings: [],
      details: { library: '@tensorflow/tfjs-backend-wasm' },
      activate: async () => {
        // Its threads bring no speed (tensorflow/tfjs#3830), and the threaded build hides the memory that our kernels
        // work in.
        env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
        if (typeof wasmPaths === 'string') setWasmPaths(withSlash(wasmPaths));
        else if (wasmPaths) setWasmPaths(wasmPaths);
        await platform.withoutProcessHandlers(() => activate('wasm'));
        await registerWasmKernels();
      },
    };
  },
};
