import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { sweep, sweepOps } from '../src/index.ts';
import { mutant } from './mutant.ts';

describe('sweep', () => {
  beforeAll(async () => void (await useBackend('cpu')));

  test('finds a kernel that is wrong, by value and by gradient, and only that one', async () => {
    const findings = async (gradients: boolean) =>
      mutant('Tanh', 'wrong', (backend) => sweep(backend, { ops: ['tanh', 'sinh'], cases: 4, gradients }));
    for (const gradients of [false, true]) {
      const found = await findings(gradients);
      expect(new Set(found.map(({ op, kind }) => `${op} ${kind}`))).toEqual(new Set(['tanh values']));
    }
  });

  test('finds a kernel that leaks and one that throws', async () => {
    const kinds = async (flaw: 'leaking' | 'throwing') =>
      (await mutant('Concat', flaw, (backend) => sweep(backend, { ops: ['concat'], cases: 4 }))).map(
        ({ kind }) => kind,
      );
    expect(await kinds('leaking')).toContain('leaks');
    expect(await kinds('throwing')).toContain('throws');
  });

  test('gives programs as code that computes what was found', async () => {
    const found = await mutant('Reverse', 'wrong', (backend) => sweep(backend, { ops: ['reverse'], cases: 8 }));
    expect(found.length).toBeGreaterThan(0);
    for (const { code, what } of found) {
      const [, expected = ''] = /expected (.*)$/.exec(what) ?? [];
      const result = new Function('tf', `return ${code}`)(tf) as tf.Tensor;
      const numbers = [...result.dataSync()].slice(0, 3).map((v) => Number(v.toPrecision(6)));
      expect(expected).toContain(`[${numbers.join(', ')}`);
      result.dispose();
    }
  });

  test('draws the same programs for a seed, others for another, one by its number', async () => {
    const codes = async (seed: number, from = 0, cases = 6) => {
      const seen: string[] = [];
      await sweep('cpu', { seed, from, cases, ops: ['conv2d'], onProgram: ({ code }) => seen.push(code) });
      return seen;
    };
    const programs = await codes(7);
    expect(await codes(7)).toEqual(programs);
    expect(await codes(7, 4, 1)).toEqual([programs[4]]);
    expect(await codes(8)).not.toEqual(programs);
    expect(new Set(programs).size).toBe(6);
  });

  test('leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    await sweep('cpu', { cases: 1, ops: ['conv2d', 'split', 'fft'] });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses operations that it does not know', async () => {
    await expect(sweep('cpu', { ops: ['matmul'] })).rejects.toThrow('No programs of "matmul": the operations are abs,');
    await expect(sweep('cpu', { ops: ['argMax'], gradients: true })).rejects.toThrow('No gradients of "argMax"');
  });

  test('knows the operations of which every kernel is made', () => {
    expect(sweepOps().length).toBeGreaterThan(130);
  });
});
