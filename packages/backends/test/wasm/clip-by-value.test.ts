import { fc, test } from '@fast-check/vitest';
import { ClipByValue } from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { expectSameAsCpu, number, runKernel, tensorOf } from '../support.ts';

describe('ClipByValue on WASM', () => {
  test.prop([tensorOf([3, 7]), number, fc.integer({ min: 0, max: 3 })])(
    'is what it is on the CPU',
    async (x, low, size) => {
      await expectSameAsCpu(ClipByValue, { x }, { clipValueMin: low, clipValueMax: low + size }, 0);
    },
  );

  test('lets NaN pass, and limits infinities', async () => {
    const values = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0.5];
    const attributes = { clipValueMin: -1, clipValueMax: 1 };
    const clipped = await runKernel('wasm', ClipByValue, { x: { shape: [4], values, dtype: 'float32' } }, attributes);
    expect(clipped.values).toEqual([Number.NaN, -1, 1, 0.5]);
  });
});
