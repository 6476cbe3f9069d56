import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { whyNoGpu } from '../../../tools/vitest/webgpu.ts';
import {
  type Case,
  conform,
  formatRows,
  kernelCases,
  type Reference,
  type Row,
  referenceOf,
  trainingCases,
} from '../src/index.ts';
import { withFlaw } from './flaw.ts';

const noGpu = await whyNoGpu(() => useBackend('webgpu'));
const tenSteps = trainingCases.filter(({ name }) => name === 'ten steps of SAM on a WRN-10-1');
const failing = (rows: readonly Row[]): readonly Row[] => rows.filter(({ passed }) => !passed);

describe('the cases of training', () => {
  let reference: Reference;
  beforeAll(async () => {
    await useBackend('cpu');
    reference = await referenceOf('cpu', trainingCases);
  });

  test('train: ten steps bring the loss down', () => {
    const outcome = reference.get('ten steps of SAM on a WRN-10-1');
    if (!outcome || 'thrown' in outcome) return expect.fail(outcome?.thrown);
    const losses = outcome.tensors
      .filter(({ path }) => path.endsWith('.loss'))
      .map(({ values }) => values[0] as number);
    expect(losses).toHaveLength(10);
    expect(losses[9]).toBeLessThan(0.9 * (losses[0] as number));
  });

  test.for(['wasm', 'native'] as const)('all pass on %s', async (name, { skip }) => {
    await useBackend(name).catch((error: Error) => skip(/compiler/.test(error.message), error.message));
    expect(formatRows(failing(await conform(name, trainingCases, { reference })))).toBe('0 passed, 0 failed');
  });

  test.skipIf(noGpu)(
    `all pass on WebGPU in Node${noGpu && `: ${noGpu}`}`,
    async () => {
      await useBackend('webgpu');
      expect(formatRows(failing(await conform('webgpu', trainingCases, { reference })))).toBe('0 passed, 0 failed');
    },
    300_000,
  );

  test('each can fail: a kernel that gives one percent too much is noticed', async () => {
    await useBackend('wasm');
    const caught = new Set<string>();
    for (const kernel of ['Conv2D', 'BatchMatMul', 'Maximum', 'Minimum', 'SquaredDifference'])
      for (const { name } of failing(
        await withFlaw(kernel, 'scaled', () => conform('wasm', trainingCases, { reference })),
      ))
        caught.add(name);
    expect(trainingCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([]);
  });

  test('a kernel that forgets memory is noticed after ten steps, though the losses are right', async () => {
    await useBackend('wasm');
    const rows = await withFlaw('Rsqrt', 'leaking', () => conform('wasm', tenSteps, { reference }));
    expect(rows).toMatchObject([
      { passed: false, reason: expect.stringMatching(/^leaves \d+ tensors or data behind$/) },
    ]);
    expect(rows[0]?.error).toBeLessThan(1e-4);
  });

  test('run no kernel that the cases of kernels do not hold', async () => {
    await useBackend('wasm');
    const kernelsOf = async (cases: readonly Case[]): Promise<ReadonlySet<string>> => {
      const names = new Set<string>();
      for (const { run } of cases) {
        const { kernelNames } = await tf.profile(() => tf.dispose(run() as tf.TensorContainer) as unknown as tf.Tensor);
        for (const name of kernelNames) if (tf.getKernel(name, 'wasm')) names.add(name);
      }
      return names;
    };
    const held = await kernelsOf(kernelCases);
    const used = await kernelsOf(trainingCases);
    expect(used.size).toBeGreaterThan(30);
    expect([...used].filter((name) => !held.has(name))).toEqual([]);
  });
});
