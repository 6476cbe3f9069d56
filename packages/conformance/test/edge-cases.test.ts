import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import { beforeAll, describe, expect, test } from 'vitest';
import { conform, edgeCases, formatRows, type Reference, referenceOf } from '../src/index.ts';

describe('the cases of edges', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await referenceOf('cpu', edgeCases);
  });

  test.for(['wasm', 'native'] as const)('all pass on %s', async (name, { skip }) => {
    await useBackend(name).catch((error: Error) => skip(/compiler/.test(error.message), error.message));
    const rows = await conform(name, edgeCases, { reference });
    expect(formatRows(rows.filter(({ passed }) => !passed))).toBe('0 passed, 0 failed');
  });

  /** The tensors of a case on the CPU backend, rounded. */
  const numbers = (name: string): readonly (readonly number[])[] => {
    const outcome = reference.get(name);
    if (!outcome || 'thrown' in outcome) throw new Error(`${name}: ${outcome?.thrown ?? 'no such case'}`);
    return outcome.tensors.map(({ values }) => [...(values as Float32Array)].map((v) => Math.round(v * 1e4) / 1e4));
  };

  test('their reference is right', () => {
    expect(numbers('Relu6 of NaN')).toEqual([[Number.NaN, 6, 0]]);
    expect(numbers('Sign of small numbers')).toEqual([[1, -1, 1, -1, 1, 1, -1, 1]]);
    expect(numbers('Prod, Pow of whole numbers that overflow')).toEqual([
      [Math.imul(Math.imul(65537, 65537), 3)],
      [Math.imul(7 ** 6, 7 ** 6), [...Array(20)].reduce((p) => Math.imul(p, -3), -3)],
    ]);
    expect(numbers('FusedBatchNorm of a large mean')).toEqual([[0.5, 3.5]]);
    expect(numbers('the perturbation of small and large gradients, p = Infinity')[0]).toEqual(
      [1, -1, 1, 1, -1, 1].map((sign) => sign * 0.05),
    );
    expect(numbers('Conv2D down to nothing')).toEqual([[]]);
    const [up = []] = numbers('ResizeNearestNeighbor of several, its gradient');
    // Each pixel is four of the larger image, with weights between a half and one.
    expect(up.every((g) => g > 2 && g < 4)).toBe(true);
    const [picked = []] = numbers('GatherV2 along a batch, its gradient');
    expect(picked.map((g) => g !== 0)).toEqual([1, 4, 10].reduce((all, k) => all.with(k, true), Array(12).fill(false)));
    const [rounded = []] = numbers('Conv2D rounded up, its gradient');
    expect(rounded.every((g) => g !== 0)).toBe(true);
  });
});
