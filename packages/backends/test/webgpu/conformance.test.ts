import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { conform, formatRows, kernelCases } from '../../src/conformance/index.ts';
import { useBackend } from '../../src/index.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));

/**
 * What fails on a driver, since WGSL lets it: sines to 2^-11 only, no NaN and no infinity that a compiler must mind (SwiftShader), and
 * an exponential that is rounded otherwise, where the case asks for the same numbers (llvmpipe, whose NaN is right).
 */
const failingOn: Readonly<Record<string, readonly string[]>> = {
  SwiftShader: ['Cos', 'NaN spreads', 'Sin', 'infinities'],
  llvmpipe: ['NaN spreads'],
};

test.skipIf(reason)(
  `the cases of kernels pass on WebGPU in Node${reason && `: ${reason}`}`,
  async () => {
    const { description } = await useBackend('webgpu');
    // Else tfjs computes on the host whatever is small and there.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    try {
      const rows = await conform('webgpu', kernelCases);
      const failed = rows.filter(({ passed }) => !passed);
      const known = Object.entries(failingOn).find(([driver]) => description.includes(driver))?.[1] ?? [];
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
