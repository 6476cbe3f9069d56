import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { conform, formatRows, kernelCases, type Reference, type Row, referenceOf } from '../src/index.ts';
import { mutant } from './mutant.ts';

const failed = (rows: readonly Row[]): string => formatRows(rows.filter(({ passed }) => !passed));

describe('the cases of kernels', () => {
  let reference: Reference;
  beforeAll(async () => {
    await useBackend('cpu');
    reference = await referenceOf('cpu', kernelCases);
  });

  test.for(['cpu', 'wasm', 'native'] as const)('all pass on %s', async (name, { skip }) => {
    await useBackend(name).catch((error: Error) => skip(/compiler/.test(error.message), error.message));
    const rows = await conform(name, kernelCases, { reference });
    expect(failed(rows)).toBe('0 passed, 0 failed');
    expect(rows.filter(({ reason }) => reason)).toEqual([]);
    expect(rows.map((row) => row.name)).toEqual(kernelCases.map((each) => each.name));
  });

  test('each can fail, and each kernel that they run is held by one: whatever it gives is changed', async () => {
    const users = new Map<string, string[]>();
    await tf.setBackend('cpu');
    for (const { name, run } of kernelCases) {
      const { kernelNames } = await tf.profile(() => tf.dispose(run() as tf.TensorContainer) as unknown as tf.Tensor);
      for (const kernel of new Set(kernelNames))
        if (tf.getKernel(kernel, 'cpu')) users.set(kernel, [...(users.get(kernel) ?? []), name]);
    }
    expect(users.size).toBeGreaterThan(90);
    const caught = new Set<string>();
    const unnoticed: string[] = [];
    for (const [kernel, names] of users) {
      const rows = await mutant(kernel, 'wrong', (backend) =>
        conform(
          backend,
          kernelCases.filter(({ name }) => names.includes(name)),
          { reference },
        ),
      );
      const failing = rows.filter(({ passed }) => !passed);
      for (const { name } of failing) caught.add(name);
      if (failing.length === 0) unnoticed.push(kernel);
    }
    expect(unnoticed).toEqual([]);
    expect(kernelCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([]);
  });

  test('only the ones that use a wrong kernel fail', async () => {
    const failing = async (kernel: string) =>
      (await mutant(kernel, 'wrong', (backend) => conform(backend, kernelCases, { reference })))
        .filter(({ passed }) => !passed)
        .map(({ name }) => name);
    expect(await failing('EluGrad')).toEqual(['Elu']);
    expect(await failing('MaxPoolGrad')).toEqual([
      'MaxPool 2 by 2',
      'MaxPool 3 by 3, overlapping, same',
      'MaxPool of negative windows',
    ]);
  });

  test('a kernel that forgets what it made on the way fails, though its numbers are right', async () => {
    const rows = await mutant('EluGrad', 'leaking', (backend) => conform(backend, kernelCases, { reference }));
    expect(rows.filter(({ passed }) => !passed)).toEqual([
      { name: 'Elu', passed: false, error: 0, tolerance: 1e-5, reason: 'leaves 1 tensors or data behind' },
    ]);
  });

  test('a kernel that throws fails, but where a backend may refuse', async () => {
    const rows = await mutant('PadV2', 'throwing', (backend) => conform(backend, kernelCases, { reference }));
    const told = rows.filter(({ reason }) => reason).map(({ name, passed, reason }) => ({ name, passed, reason }));
    expect(told).toEqual([
      { name: 'Slice', passed: false, reason: 'threw: PadV2 is broken' },
      { name: 'PadV2 of an image', passed: false, reason: 'threw: PadV2 is broken' },
      { name: 'PadV2 of channels', passed: false, reason: 'threw: PadV2 is broken' },
      { name: 'PadV2 with another number', passed: false, reason: 'threw: PadV2 is broken' },
      { name: 'PadV2 of rank 5', passed: true, reason: 'refused: PadV2 is broken' },
      { name: 'PadV2 of rank 6', passed: true, reason: 'refused: PadV2 is broken' },
    ]);
  });
});
