import { fc, test as property } from '@fast-check/vitest';
import { valueAndGrad } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { bootstrappedCrossEntropy, softmaxCrossEntropy } from '../../src/index.ts';

type Case = { readonly rows: readonly number[][]; readonly labels: readonly number[]; readonly keep: number };

const logProbabilities = (row: readonly number[]): readonly number[] => {
  const top = Math.max(...row);
  const sum = top + Math.log(row.reduce((all, z) => all + Math.exp(z - top), 0));
  return row.map((z) => z - sum);
};

/** Equations 6 and 7 of Reed et al., in float64. */
function reference({ rows, labels, keep }: Case, kind: 'soft' | 'hard'): number {
  const losses = rows.map((row, i) => {
    const log = logProbabilities(row);
    const most = log.indexOf(Math.max(...log));
    const predicted = log.map((l, c) => (kind === 'soft' ? Math.exp(l) : Number(c === most)));
    return -log.reduce((all, l, c) => all + (keep * Number(c === labels[i]) + (1 - keep) * (predicted[c] ?? 0)) * l, 0);
  });
  return losses.reduce((all, l) => all + l, 0) / losses.length;
}

const aRow = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { minLength: 3, maxLength: 3 });

describe.each(['soft', 'hard'] as const)('bootstrappedCrossEntropy, %s', (kind) => {
  const cases = fc.array(fc.tuple(aRow, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 4 });

  property.prop([cases, fc.double({ min: 0, max: 1, noNaN: true })], { numRuns: 40, seed: 14 })(
    'is its definition',
    (examples, keep) => {
      const one: Case = {
        rows: examples.map(([row]) => row.map((z) => z / 8)),
        labels: examples.map(([, label]) => label),
        keep,
      };
      const labels = tf.tensor1d([...one.labels], 'int32');
      const loss = bootstrappedCrossEntropy(tf.tensor2d([...one.rows]), labels, { kind, keep }).arraySync();
      expect(Math.abs(loss - reference(one, kind))).toBeLessThan(1e-5 * (1 + loss));
    },
  );

  test('has the gradient of its definition', () => {
    const one = {
      rows: [
        [0.3, -1, 2],
        [1, 0.5, -0.2],
      ],
      labels: [0, 0],
      keep: 0.7,
    };
    const labels = tf.tensor1d(one.labels, 'int32');
    const gradient = valueAndGrad((z: tf.Tensor2D) => bootstrappedCrossEntropy(z, labels, { kind, keep: one.keep }));
    const got = gradient(tf.tensor2d(one.rows), null).grads.arraySync() as number[][];
    for (const [i, row] of one.rows.entries())
      for (const [c] of row.entries()) {
        const moved = (by: number) =>
          reference({ ...one, rows: one.rows.map((r, j) => r.map((z, k) => (i === j && c === k ? z + by : z))) }, kind);
        expect(got[i]?.[c]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4);
      }
  });

  test('has products with its Hessian', () => {
    const [z, v] = [tf.tensor2d([[0.3, -1, 2]]), tf.tensor2d([[1, 2, -1]])];
    const labels = tf.tensor1d([0], 'int32');
    const gradient = valueAndGrad((w: tf.Tensor2D) => bootstrappedCrossEntropy(w, labels, { kind }));
    const product = gradient.hvp(z, null, v).dataSync();
    const at = (by: number) => gradient(tf.add(z, tf.mul(v, by)), null).grads.dataSync();
    const [more, less] = [at(1e-2), at(-1e-2)];
    for (const [i, x] of product.entries()) expect(x).toBeCloseTo(((more[i] ?? 0) - (less[i] ?? 0)) / 2e-2, 3);
  });

  test('is the cross entropy where all of the target is the label’s, and takes shares, weights and padding as it does', () => {
    const logits = tf.tensor2d([
      [0.3, -1, 2],
      [1, 0.5, -0.2],
    ]);
    const soft = tf.tensor2d([
      [0.2, 0, 0.8],
      [0, 1, 0],
    ]);
    const numbers = tf.tensor1d([2, -1], 'int32');
    for (const [labels, options] of [
      [soft, { classWeights: [1, 2, 3] }],
      [numbers, { ignore: -1 }],
      [soft, { weights: tf.tensor1d([0.5, 2]) }],
    ] as const)
      expect(bootstrappedCrossEntropy(logits, labels, { kind, keep: 1, ...options }).arraySync()).toBeCloseTo(
        softmaxCrossEntropy(logits, labels, options).arraySync(),
        6,
      );
  });

  test('takes logits that are as far apart as float32 goes, and gives ties a part each', () => {
    const loss = (row: number[]) =>
      bootstrappedCrossEntropy(tf.tensor2d([row]), tf.tensor1d([0], 'int32'), { kind }).arraySync();
    expect(loss([0, Number.NEGATIVE_INFINITY])).toBe(0);
    expect(loss([1000, 1000])).toBeCloseTo(Math.log(2), 6);
  });
});

test('What is no option of it is refused', () => {
  const call = (options: object) => () => bootstrappedCrossEntropy(tf.zeros([1, 2]), tf.zeros([1], 'int32'), options);
  expect(call({ keep: 1.1 })).toThrow('keep must be in [0, 1], got 1.1.');
  expect(call({ kind: 'firm' })).toThrow('kind must be "soft" or "hard"');
  expect(call({ smoothing: 0.1 })).toThrow('has no option "smoothing"');
});
