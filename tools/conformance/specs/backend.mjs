// The second module of the bundle: tfjs-core with all that its specs expect, the backend under test, and who runs what.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { guardGpu } from '../../../packages/backends/src/devices/gpu-guard.ts';
import { useBackend } from '../../../packages/backends/src/index.ts';
import { prepareHeap } from '../../../packages/backends/src/wasm/heap.ts';

// Written in by the bundler.
const name = process.env.STEPPE_CONFORMANCE_BACKEND;
const inBrowser = typeof document !== 'undefined';

/** Why the backend did not start; tfjs would say nothing and go on with the CPU backend. */
let failure;
afterAll(() => {
  if (failure) throw failure;
});

/** tfjs makes a backend anew for every suite of specs, with the flags as they were at first: what was done to the first
 * one is done to each. */
function atEveryStart(flags, prepare) {
  const make = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, async () => {
    try {
      for (const [flag, value] of Object.entries(flags)) tf.env().set(flag, value);
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
  native: async () => {},
  tensorflow: () => useBackend('cuda'),
  wasm: async () => {
    await useBackend('wasm', inBrowser ? { wasmPaths: '/wasm/' } : {});
    atEveryStart({ WASM_HAS_MULTITHREAD_SUPPORT: false }, prepareHeap);
  },
  webgpu: async () => {
    await useBackend('webgpu');
    // Small tensors on the device too, as in tfjs's own runs.
    atEveryStart({ WEBGPU_CPU_FORWARD: false }, (backend) => {
      guardGpu(backend);
      void backend.device.lost.then(({ message }) => {
        if (!backend.disposed) globalThis.steppeLost(new Error(`the GPU was lost: ${message}`));
      });
    });
  },
};

beforeAll(devices[name], 120_000);
// WebGPU compiles each shader at its first use.
if (name === 'webgpu') jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
setTestEnvs([{ name, backendName: name, isDataSync: true }]);
