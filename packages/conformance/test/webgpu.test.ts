import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import { expect, test } from 'vitest';
import { failingOn, whyNoGpu } from '../../../tools/vitest/webgpu.ts';
import { conform, formatRows, kernelCases } from '../src/index.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));

test.skipIf(reason)(
  `the cases of kernels pass on WebGPU in Node${reason && `: ${reason}`}`,
  async () => {
    const { description } = await useBackend('webgpu');
    const rows = await conform('webgpu', kernelCases);
    const failed = rows.filter(({ passed }) => !passed);
    const known = failingOn(description);
    expect(formatRows(failed.filter(({ name }) => !known.includes(name)))).toBe('0 passed, 0 failed');
    expect(failed.map(({ name }) => name).toSorted()).toEqual(known);
    const refused = rows.filter(({ reason }) => reason.startsWith('refused')).map(({ name }) => name);
    expect(refused).toEqual(['arithmetic of rank 5', 'arithmetic of rank 6']);
  },
  300_000,
);
