import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bools, floats, ints, seeds, shapes, sizeOf } from '../support/arbitraries.ts';
import { expectClose, expectLikeCpu, nativeBackends } from '../support/backends.ts';

const natives = await nativeBackends();

/** A shape and some of its axes. */
const reductions = shapes(5, 1).chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, d) => d))));

function axesOf(name: string, axis: number[]): object {
  return name === 'Max' ? { reductionIndices: axis } : { axis };
}

/** The sum over the first axis of a tensor of one value; its first element. */
function sumOf(backendName: string, shape: number[], value: number): number | undefined {
  const backend = tf.findBackend(backendName);
  const run = (kernelName: string, inputs: object, attrs: object): tf.TensorInfo =>
    tf.getKernel(kernelName, backendName).kernelFunc({ inputs, attrs, backend } as never) as tf.TensorInfo;
  const x = run('Fill', {}, { shape, value, dtype: 'float32' });
  const y = run('Sum', { x }, { axis: [0], keepDims: false });
  const [first] = backend.readSync(y.dataId) as Float32Array;
  for (const { dataId } of [x, y]) backend.disposeData(dataId);
  return first;
}

describe('reductions', () => {
  test.prop([fc.constantFrom('Sum', 'Mean', 'Max', 'Min', 'Prod'), reductions, seeds, fc.boolean()], { numRuns: 200 })(
    'over any axes give what the JavaScript backend gives',
    (name, [shape, axis], seed, keepDims) => {
      if (axis.length === 0 || (/^M[ai]/.test(name) && sizeOf(shape) === 0)) return;
      expectLikeCpu(natives, name, { x: floats(shape, seed) }, { ...axesOf(name, axis), keepDims }, 1e-5);
      if (name !== 'Mean' && name !== 'Prod')
        expectLikeCpu(natives, name, { x: ints(shape, seed) }, { ...axesOf(name, axis), keepDims });
      if (name === 'Sum') expectLikeCpu(natives, name, { x: bools(shape, seed) }, { axis, keepDims });
    },
  );

  test.prop([fc.constantFrom('All', 'Any'), reductions, seeds])(
    'of bools ask all or any',
    (name, [shape, axis], seed) => {
      if (axis.length > 0 && sizeOf(shape) > 0)
        expectLikeCpu(natives, name, { x: bools(shape, seed) }, { axis, keepDims: false });
    },
  );

  test.prop([fc.constantFrom('ArgMax', 'ArgMin'), shapes(4, 1), seeds, fc.nat(3)])(
    'find the first extreme',
    (name, shape, seed, d) => {
      const axis = d % shape.length;
      if (sizeOf(shape) === 0) return;
      expectLikeCpu(natives, name, { x: ints(shape, seed, 5) }, { axis });
      expectLikeCpu(natives, name, { x: floats(shape, seed) }, { axis });
    },
  );

  test.prop([
    fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 0, maxLength: 2 }),
    fc.integer({ min: 1, max: 70 }),
    seeds,
  ])('find the greatest in order, NaN first and of equals the one that stands first', (rows, n, seed) => {
    const shape = [...rows, n];
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1];
    const rough = Float32Array.from(floats(shape, seed).values, (v) =>
      v > 0.2 ? v : (odd[(Math.abs(v * 1e4) % 6) | 0] ?? 0),
    );
    for (const k of [0, 1, n >> 1, n]) {
      expectLikeCpu(natives, 'TopK', { x: floats(shape, seed) }, { k, sorted: true });
      expectLikeCpu(natives, 'TopK', { x: { ...floats(shape, seed), values: rough } }, { k, sorted: false });
      expectLikeCpu(natives, 'TopK', { x: ints(shape, seed, 5) }, { k, sorted: true });
      expectLikeCpu(natives, 'TopK', { x: bools(shape, seed) }, { k, sorted: true });
    }
  });

  it('let NaN through', () => {
    const values = Array.from({ length: 333 }, (_, i) => (i === 200 ? Number.NaN : i));
    for (const name of ['Sum', 'Mean', 'Max', 'Min', 'Prod']) {
      for (const shape of [[333], [333, 1], [3, 111], [111, 3]])
        expectLikeCpu(
          natives,
          name,
          { x: { values, shape, dtype: 'float32' } },
          { ...axesOf(name, [0]), keepDims: false },
          1e-6,
        );
    }
  });

  it('of many terms lose nothing that one float32 can hold', () => {
    for (const { name } of natives) {
      expectClose([sumOf(name, [1_000_000], 0.1) ?? 0], [100_000], 1e-6, name);
      expect(sumOf(name, [17_000_000], 1)).toBe(17_000_000);
      expect(sumOf(name, [1_250_000, 16], 1)).toBe(1_250_000);
    }
  });
});

describe('softmax', () => {
  test.prop([shapes(3, 1), seeds])('gives what the JavaScript backend gives', (shape, seed) => {
    if ((shape.at(-1) ?? 0) === 0) return;
    expectLikeCpu(natives, 'Softmax', { logits: floats(shape, seed) }, { dim: shape.length - 1 }, 1e-6);
  });
});
