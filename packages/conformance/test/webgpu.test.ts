import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import { expect, test } from 'vitest';
import { failingOn, whyNoGpu } from '../../../tools/vitest/webgpu.ts';
import { conform, edgeCases, formatRows, kernelCases } from '../src/index.ts';

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
    expect(refused).toEqual([]);
  },
  300_000,
);

test.skipIf(reason)(
  `the cases at the edges of shapes and numbers pass on WebGPU in Node${reason && `: ${reason}`}`,
  async () => {
    await useBackend('webgpu');
    const failed = (await conform('webgpu', edgeCases)).filter(({ passed }) => !passed);
    expect(formatRows(failed)).toBe('0 passed, 0 failed');
  },
  300_000,
);
