import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate, type Measured } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';

beforeAll(() => tf.setBackend('cpu'));

type Batch = { readonly classWeights: tf.Tensor1D; readonly x: tf.Tensor1D; readonly mask: tf.Tensor1D };
const batch = (x: readonly number[], mask: readonly number[]): Batch => ({
  classWeights: tf.tensor1d([1, 2]),
  x: tf.tensor1d([...x]),
  mask: tf.tensor1d([...mask]),
});
/** Mean over what counts: NaN where nothing does. */
const mean = ({ x, mask }: Batch) => ({ mean: tf.div<tf.Scalar>(tf.sum(tf.mul(x, mask)), tf.sum(mask)) });
const shared = (path: string) => path === '.classWeights';
const weight = ({ mask }: Batch) => tf.sum<tf.Scalar>(mask);

describe('an evaluation', () => {
  test('counts by the weights that are given, and a batch of weight 0 not at all', async () => {
    const all = [batch([1, 2, 3], [1, 1, 1]), batch([9, 7], [0, 1]), batch([5, 5, 5], [0, 0, 0])];
    const found = await expectTensorsLeft(-9, () => evaluate(mean, all, { shared, weight }));
    expect(found).toEqual({ mean: (1 + 2 + 3 + 7) / 4, examples: 8 });
  });

  test('of several workers is that of one, bit for bit, where each puts its share beside those of the others', async () => {
    const all = () => [batch([0.1, 0.7, 3], [1, 1, 1]), batch([9, 7], [0, 1]), batch([0.3, 5, 5], [1, 1, 0])];
    const shares: Measured[][] = [];
    for (const part of [all().slice(0, 2), all().slice(2), []])
      await evaluate(mean, part, { shared, weight, gather: (own) => shares[shares.push([...own]) - 1] ?? [] });
    const gather = (own: readonly Measured[]) => [...own, ...(shares[1] ?? []), ...(shares[2] ?? [])];
    const one = await evaluate(mean, all(), { shared, weight });
    expect(await evaluate(mean, all().slice(0, 2), { shared, weight, gather })).toEqual(one);
    expect(await evaluate(mean, [], { shared, weight, gather: () => shares.flat() })).toEqual(one);
  });

  test('counts examples, not the rows of the tensor that comes first', async () => {
    const all = () => [batch([1, 1, 1], [1, 1, 1]), batch([5], [1])];
    expect(await evaluate(mean, all(), { shared })).toEqual({ mean: 2, examples: 4 });
    function* one() {
      yield batch([1, 1, 1], [1, 1, 1]);
    }
    await expectTensorsLeft(0, () =>
      expect(evaluate(mean, one())).rejects.toThrow(
        'All tensors of a batch have one first dimension: ".classWeights" has 2, ".x" has 3. Choose what is no list of examples by the option shared of evaluate.',
      ),
    );
    await expect(evaluate(mean, one(), { shared: (path) => path === 'x' })).rejects.toThrow(
      'shared of evaluate chooses no leaf of the batch',
    );
  });

  test('counts by examples where all weights are 0', async () => {
    const none = [batch([1, 2], [0, 0]), batch([4], [0])];
    const sums = ({ x }: Batch) => ({ mean: tf.mean<tf.Scalar>(x) });
    const { mean: found } = await evaluate(sums, none, { shared, weight });
    expect(found).toBeCloseTo(7 / 3, 6);
  });
});
