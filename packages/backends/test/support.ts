import { fc } from '@fast-check/vitest';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type BackendName, useBackend } from '../src/index.ts';

/** A tensor as plain data, to be made on any backend. */
export type Plain = {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype: DataType;
};

/** Float32 numbers of ordinary size, without minus zero. */
export const number: fc.Arbitrary<number> = fc.integer({ min: -400, max: 400 }).map((n) => Math.fround(n / 100));

/** Tensors of a shape. */
export const tensorOf = (
  shape: readonly number[],
  values: fc.Arbitrary<number> = number,
  dtype: DataType = 'float32',
): fc.Arbitrary<Plain> => {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(values, { minLength: length, maxLength: length, size: 'max' })
    .map((v) => ({ shape, values: v, dtype }));
};

/** What an operation gives on a backend; it must neither free its inputs nor leave anything behind. */
export async function onBackend(
  backend: BackendName,
  inputs: readonly Plain[],
  operation: (tensors: readonly Tensor[]) => Tensor,
): Promise<Plain> {
  if (tf.getBackend() !== backend) await useBackend(backend);
  const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor([...values], [...shape], dtype));
  try {
    const before = { ...tf.memory(), data: tf.engine().backend.numDataIds() };
    const result = operation(tensors);
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    const plain = { shape: result.shape, values: [...result.dataSync()], dtype: result.dtype };
    result.dispose();
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(tf.engine().backend.numDataIds()).toBe(before.data);
    return plain;
  } finally {
    tf.dispose(tensors);
  }
}

/** What a kernel gives on a backend. */
export const runKernel = (
  backend: BackendName,
  kernel: string,
  inputs: Readonly<Record<string, Plain>>,
  attributes: object = {},
): Promise<Plain> =>
  onBackend(backend, Object.values(inputs), (tensors) => {
    const named = Object.fromEntries(Object.keys(inputs).map((name, i) => [name, tensors[i] as Tensor]));
    return tf.engine().runKernel(kernel, named, { ...attributes });
  });

/** Expects two results of one shape, equal up to rounding relative to the largest entry. */
export function expectClose(actual: Plain, expected: Plain, tolerance = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const size = Math.max(1, ...expected.values.map(Math.abs));
  for (const [i, value] of expected.values.entries())
    if (!(Math.abs((actual.values[i] ?? Number.NaN) - value) <= tolerance * size))
      expect.fail(`Entry ${i} is ${actual.values[i]}, not ${value}, of [${expected.shape}]: [${actual.values}].`);
}

/** Runs a kernel on WASM and on the CPU and expects the same. */
export async function expectSameAsCpu(
  kernel: string,
  inputs: Readonly<Record<string, Plain>>,
  attributes: object = {},
  tolerance = 1e-5,
): Promise<void> {
  const actual = await runKernel('wasm', kernel, inputs, attributes);
  expectClose(actual, await runKernel('cpu', kernel, inputs, attributes), tolerance);
}

/** ⟨a, b⟩ in float64. */
export const inner = (a: Plain, b: Plain): number => a.values.reduce((sum, v, i) => sum + v * (b.values[i] ?? 0), 0);

/** a + step · b. */
export const plus = (a: Plain, b: Plain, step = 1): Plain => ({
  ...a,
  values: a.values.map((v, i) => Math.fround(v + step * (b.values[i] ?? 0))),
});
