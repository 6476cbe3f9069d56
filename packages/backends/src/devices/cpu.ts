import * as tf from '@tensorflow/tfjs-core';
import type { Device } from '../device.ts';
import { activate } from './activate.ts';

/** tfjs's own CPU backend in plain JavaScript, its wrong kernels corrected: runs everywhere, hundreds of times slower
 * than WASM. */
export const cpu: Device = {
  name: 'cpu',
  probe: async () => {
    const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
    return {
      tfjsName: 'cpu',
      version: version_cpu,
      description: 'plain JavaScript, for checks rather than training',
      warnings: [],
      details: { library: '@tensorflow/tfjs-backend-cpu' },
      activate: async () => {
        const { correctCpu } = await import('@steppe/kernels/cpu');
        correctCpu();
        // Its banner on standard error names one remedy, where useBackend has said all that there are.
        Object.assign(tf.findBackend('cpu'), { firstUse: false });
        return activate('cpu');
      },
    };
  },
};
