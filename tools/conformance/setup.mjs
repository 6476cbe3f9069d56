// The first module of the bundle: tfjs-core with all that its specs expect, the backend under test, and who runs what.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { guardGpu } from '../../packages/backends/src/devices/gpu-guard.ts';
import { useBackend } from '../../packages/backends/src/index.ts';
import { prepareHeap } from '../../packages/backends/src/wasm/heap.ts';
import { fallbackKernels, registerNative } from '../../packages/native/src/index.ts';

/** Why the backend did not start; tfjs would say nothing and go on with the CPU backend. */
let failure;
afterAll(() => {
  if (failure) throw failure;
});

/** tfjs makes a backend anew for every suite of specs: what `useBackend` did to the first one is done to each. */
function atEveryStart(name, prepare) {
  const make = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, async () => {
    try {
      // The flags are as they were at first, too.
      if (name === 'wasm') tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      const backend = await make();
      await prepare(backend);
      return backend;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  });
}

/** What registers a backend, by the name under which tfjs knows it. */
const devices = {
  cpu: async () => {},
  native: registerNative,
  tensorflow: () => useBackend('cuda'),
  wasm: async () => {
    await useBackend('wasm');
    atEveryStart('wasm', prepareHeap);
  },
  webgpu: async () => {
    await useBackend('webgpu');
    atEveryStart('webgpu', guardGpu);
  },
};

const name = process.env.STEPPE_CONFORMANCE_BACKEND;
globalThis.steppeFallbackKernels = name === 'native' ? fallbackKernels : () => ({});
beforeAll(devices[name], 120_000);
// WebGPU is read by promises only, and compiles each shader at its first use.
if (name === 'webgpu') jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
setTestEnvs([{ name, backendName: name, isDataSync: name !== 'webgpu' }]);
