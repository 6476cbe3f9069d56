import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { expectSameAsCpu, type Plain, runKernel, tensorOf } from '../support.ts';

const size = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16, 17);

/** Batch shapes that broadcast against each other. */
const batches = fc.constantFrom<readonly [readonly number[], readonly number[]]>(
  [[], []],
  [[3], [3]],
  [[1], [2]],
  [[2], [1]],
  [
    [2, 3],
    [2, 3],
  ],
);

const product = fc
  .record({ m: size, k: size, n: size, transposeA: fc.boolean(), transposeB: fc.boolean(), batch: batches })
  .chain(({ m, k, n, transposeA, transposeB, batch: [batchA, batchB] }) =>
    fc.record({
      a: tensorOf([...batchA, ...(transposeA ? [k, m] : [m, k])]),
      b: tensorOf([...batchB, ...(transposeB ? [n, k] : [k, n])]),
      flags: fc.constant({ transposeA, transposeB }),
    }),
  );

describe('matrix products on WASM', () => {
  test.prop([product])('give what the CPU gives, with either flag and in batches', ({ a, b, flags }) =>
    expectSameAsCpu('BatchMatMul', { a, b }, flags),
  );

  it('broadcast batches along several axes, where the CPU backend fails', async () => {
    const a: Plain = { shape: [2, 1, 1, 1], values: [2, 3], dtype: 'float32' };
    const b: Plain = { shape: [1, 3, 1, 1], values: [5, 7, 11], dtype: 'float32' };
    const product = await runKernel('wasm', 'BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
    expect(product).toEqual({ shape: [2, 3, 1, 1], values: [10, 14, 22, 15, 21, 33], dtype: 'float32' });
  });

  it('of long columns are summed in bands', async () => {
    const ones: Plain = { shape: [1000, 5], values: Array(5000).fill(1), dtype: 'float32' };
    const { values } = await runKernel(
      'wasm',
      'BatchMatMul',
      { a: ones, b: ones },
      { transposeA: true, transposeB: false },
    );
    expect(values).toEqual(Array(25).fill(1000));
  });

  it('refuse vectors, integers and sizes that do not chain', async () => {
    const a: Plain = { shape: [1, 2], values: [1, 2], dtype: 'float32' };
    const flags = { transposeA: false, transposeB: false };
    await expect(runKernel('wasm', 'BatchMatMul', { a, b: { ...a, dtype: 'int32' } }, flags)).rejects.toThrow(
      'The WASM backend multiplies float32 matrices, got float32 and int32: cast them first.',
    );
    await expect(runKernel('wasm', 'BatchMatMul', { a, b: a }, flags)).rejects.toThrow(
      'Matrices [1,2] and [1,2] do not chain: their inner sizes are 2 and 1.',
    );
    await expect(runKernel('wasm', 'BatchMatMul', { a, b: { ...a, shape: [2] } }, flags)).rejects.toThrow(
      'Matrices have two axes at least, got [1,2] and [2]: reshape them first.',
    );
  });
});
