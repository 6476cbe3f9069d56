import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { conform, formatRows, kernelCases } from '../../src/conformance/index.ts';
import { useBackend } from '../../src/index.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));

/** Found on SwiftShader alone, so faults of the driver: Mesa's llvmpipe passes these. */
const ofSwiftShader = ['Cos', 'NaN spreads', 'Sin', 'infinities'];

test.skipIf(reason)(
  `the cases of kernels pass on WebGPU in Node${reason && `: ${reason}`}`,
  async () => {
    const { description } = await useBackend('webgpu');
    // Else tfjs computes on the host whatever is small and there.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    try {
      const rows = await conform('webgpu', kernelCases);
      const failed = rows.filter(({ passed }) => !passed);
      const known = description.includes('SwiftShader') ? ofSwiftShader : [];
      expect(formatRows(failed.filter(({ name }) => !known.includes(name)))).toBe('0 passed, 0 failed');
      expect(failed.map(({ name }) => name).toSorted()).toEqual(known);
      const refused = rows.filter(({ reason }) => reason.startsWith('refused')).map(({ name }) => name);
      expect(refused).toEqual(['arithmetic of rank 5', 'arithmetic of rank 6']);
    } finally {
      tf.env().set('WEBGPU_CPU_FORWARD', true);
    }
  },
  300_000,
);
