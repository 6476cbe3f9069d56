import { hvp, valueAndGrad } from '@steppe/autograd';
import { dispose, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  accumulate,
  chain,
  type Evaluation,
  type GradientTransformation,
  microBatch,
  type SliceOptions,
  samTransform,
  scaleByAdam,
  sgd,
  together,
} from '../../src/index.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D; readonly counts: tf.Tensor1D };
type Row = readonly [x0: number, x1: number, y: number, weight: number];

const batchOf = (rows: readonly Row[]): Batch => ({
  x: tf.tensor2d(
    rows.map(([x0, x1]) => [x0, x1]),
    [rows.length, 2],
  ),
  y: tf.tensor1d(rows.map(([, , y]) => y)),
  counts: tf.tensor1d(rows.map(([, , , weight]) => weight)),
});

/** Σ cᵢ·(½(xᵢ·w - yᵢ)² + ¼(xᵢ·w)⁴/10) / Σ cᵢ: NaN where nothing counts, as people write it. */
const loss = (w: tf.Tensor, { x, y, counts }: Batch): tf.Scalar => {
  const z = tf.sum(tf.mul(x, w), 1);
  const each = tf.add(tf.mul(tf.square(tf.sub(z, y)), 0.5), tf.mul(tf.square(tf.square(z)), 0.025));
  return tf.div(tf.sum(tf.mul(each, counts)), tf.sum(counts));
};
const gradient = Object.assign((w: tf.Tensor, batch: Batch) => valueAndGrad(loss)(w, batch), {
  hvp: (w: tf.Tensor, batch: Batch, v: tf.Tensor) => hvp(loss)(w, batch, v),
});
const weight = ({ counts }: Batch): tf.Scalar => tf.sum(counts);

/** The same in float64. */
type Point = readonly [number, number];
const slope = (rows: readonly Row[], [w0, w1]: Point): Point => {
  const total = rows.reduce((sum, [, , , c]) => sum + c, 0);
  const along = (j: 0 | 1) =>
    rows.reduce((sum, row) => {
      const z = row[0] * w0 + row[1] * w1;
      return sum + (row[3] / total) * (z - row[2] + 0.1 * z ** 3) * row[j];
    }, 0);
  return [along(0), along(1)];
};
const samSlope = (rows: readonly Row[], at: Point, rho: number): Point => {
  const g = slope(rows, at);
  const length = Math.hypot(...g);
  return length === 0 ? g : slope(rows, [at[0] + (rho * g[0]) / length, at[1] + (rho * g[1]) / length]);
};
const cut = (rows: readonly Row[], m: number) =>
  Array.from({ length: Math.ceil(rows.length / m) }, (_, i) => rows.slice(i * m, i * m + m));
const total = (rows: readonly Row[]) => rows.reduce((sum, [, , , c]) => sum + c, 0);
const mSharp = (parts: readonly (readonly Row[])[], at: Point, rho: number): Point => {
  const all = total(parts.flat());
  const each = parts
    .filter((part) => total(part) > 0)
    .map((part) => [total(part) / all, samSlope(part, at, rho)] as const);
  return [0, 1].map((j) => each.reduce((sum, [share, g]) => sum + share * (g[j] ?? 0), 0)) as [number, number];
};

const coordinate = fc.integer({ min: -16, max: 16 }).map((x) => x / 8);
const rowsOf = fc
  .array(fc.tuple(coordinate, coordinate, coordinate, fc.constantFrom(0, 0, 1, 1, 2, 0.5, 30)), {
    minLength: 2,
    maxLength: 7,
  })
  .filter((rows) => total(rows) > 0);
const points = fc.tuple(coordinate, coordinate);
const rho = 0.25;
// Where a gradient all but vanishes, the direction of its rounding errors is not to be compared.
const clear = (parts: readonly (readonly Row[])[], at: Point) =>
  parts.every((part) => total(part) === 0 || Math.hypot(...slope(part, at)) > 0.05);
const near = (actual: readonly number[], expected: readonly number[]) => {
  const size = Math.max(1, ...expected.map(Math.abs));
  expectNear([...actual, size], [...expected, size], 2e-4);
};

describe('means by weights, in slices and over batches one after another', () => {
  test('are those of the whole batch, for SAM on either side and for second derivatives', () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 1, max: 6 }), points, (rows, m, at) => {
        const parts = cut(rows, m);
        fc.pre(clear([rows, ...parts], at));
        tf.tidy(() => {
          const [w, whole] = [tf.tensor1d([...at]), batchOf(rows)];
          const group = together(parts.map((part) => batchOf(part)));
          for (const [link, batch] of [
            [microBatch(m, { weight }), whole],
            [accumulate({ weight }), group],
          ] as const) {
            const gradients = (...links: readonly GradientTransformation<Tree, Batch>[]) =>
              gradientOf(chain(...links), gradient, w, batch);
            near(gradients(link), slope(rows, at));
            near(gradients(link, samTransform(rho)), samSlope(rows, at, rho));
            near(gradients(samTransform(rho), link), mSharp(parts, at, rho));
            const second = samTransform(rho, 2, { order: 2 });
            near(gradients(link, second), gradientOf(second, gradient, w, whole));
            const [{ value }] = link.update(gradient, null, w, batch);
            near(numbers(value), numbers(loss(w, whole)));
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  test('the mean over tokens that was 0.917 is 0.966, and a slice of padding alone is not NaN', () => {
    tf.tidy(() => {
      // Per token 1.2, 0.8 and 0.9, 1.0, 1.0, 0.9 of three examples; the others are padding.
      const masks = tf.tensor2d([
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [1, 1, 1, 1],
        [0, 0, 0, 0],
      ]);
      const tokens = tf.tensor2d([
        [1.2, 9, 9, 9],
        [0.8, 9, 9, 9],
        [0.9, 1, 1, 0.9],
        [9, 9, 9, 9],
      ]);
      type Padded = { readonly tokens: tf.Tensor; readonly masks: tf.Tensor };
      const mean = (w: tf.Tensor, { tokens: losses, masks: counted }: Padded): Evaluation<tf.Tensor, null> =>
        pure(() => {
          const value = tf.div<tf.Scalar>(tf.sum(tf.mul(losses, counted)), tf.sum(counted));
          return { value: tf.mul<tf.Scalar>(value, w), grads: value, aux: null };
        });
      const link = microBatch(1, { weight: ({ masks: counted }: Padded) => tf.sum<tf.Scalar>(counted) });
      const [{ value, grads }] = link.update(mean, null, tf.scalar(1), { tokens, masks });
      expectNear([...numbers(value), ...numbers(grads)], [5.8 / 6, 5.8 / 6], 1e-6);
    });
  });

  test('count by examples where all weights are 0, so that they are what the loss gives for nothing', () => {
    tf.tidy(() => {
      const w = tf.tensor1d([1, 1]);
      const nothing = batchOf([
        [1, 2, 3, 0],
        [2, 1, 0, 0],
        [1, 1, 1, 0],
      ]);
      const safe = (at: tf.Tensor, batch: Batch) => {
        const { value, grads } = gradient(at, { ...batch, counts: tf.onesLike(batch.counts) });
        const some = tf.sum(batch.counts);
        return { value: tf.mul<tf.Scalar>(value, some), grads: tf.mul(grads, some), aux: { kept: tf.scalar(3) } };
      };
      const [{ value, grads, aux }] = microBatch(2, { weight }).update(safe, null, w, nothing);
      expectNear(numbers([value, grads, aux]), [0, 0, 0, 3], 1e-6);
      expect(numbers(microBatch(2, { weight }).update(gradient, null, w, nothing)[0].value)).toEqual([Number.NaN]);
    });
  });

  test('keep the states of the links before them, which a slice of weight 0 does not touch', () => {
    tf.tidy(() => {
      const rows: Row[] = [
        [1, 2, 3, 1],
        [1, 1, 1, 0],
        [2, 1, 0, 3],
      ];
      const w = tf.tensor1d([1, -1]);
      const [, [adam]] = chain(scaleByAdam(), microBatch(1, { weight })).update(
        gradient,
        [scaleByAdam().init(w), null],
        w,
        batchOf(rows),
      );
      near(
        numbers(adam.mean),
        slope(rows, [1, -1]).map((g) => 0.1 * g),
      );
      expect(numbers(adam.count)).toEqual([1]);
    });
  });
});

describe('what belongs to no example', () => {
  type Labeled = { readonly x: tf.Tensor1D; readonly y: tf.Tensor1D; readonly classWeights: tf.Tensor1D };
  const weights = ({ y, classWeights }: Labeled) => tf.gather(classWeights, y);
  const weighted = valueAndGrad((w: tf.Tensor, batch: Labeled) => {
    const each = tf.mul(weights(batch), tf.square(tf.sub(w, batch.x)));
    return tf.div<tf.Scalar>(tf.sum(each), tf.sum(weights(batch)));
  });
  // As many classes as examples.
  const labeled = (): Labeled => ({
    x: tf.tensor1d([1, -2, 3, 0.5]),
    y: tf.tensor1d([3, 0, 0, 2], 'int32'),
    classWeights: tf.tensor1d([1, 5, 10, 4]),
  });
  const options: SliceOptions<Labeled> = {
    shared: (path) => path === '.classWeights',
    weight: (slice) => tf.sum(weights(slice)),
  };

  test('is passed whole to every slice', () => {
    tf.tidy(() => {
      const [w, batch] = [tf.scalar(0.3), labeled()];
      const whole = gradientOf(chain(), weighted, w, batch);
      for (const m of [1, 2, 3]) near(gradientOf(microBatch(m, options), weighted, w, batch), whole);
      const sam = gradientOf(samTransform(0.2), weighted, w, batch);
      near(gradientOf(chain(microBatch(2, options), samTransform(0.2)), weighted, w, batch), sam);
    });
  });

  test('is named where it does not fit, and a choice of nothing is refused', () => {
    const [w, batch] = [tf.scalar(0.3), { ...labeled(), classWeights: tf.tensor1d([1, 2]) }];
    expect(() => microBatch(2).update(weighted, null, w, batch)).toThrow(
      'All tensors of a batch have one first dimension: ".x" has 4, ".classWeights" has 2. Choose what is no list of examples by the option shared of microBatch.',
    );
    const lost = microBatch(2, { shared: (path) => path === 'classWeights' });
    expect(() => lost.update(weighted, null, w, batch)).toThrow(
      'shared of microBatch chooses no leaf of the batch, whose paths are ".x", ".y", ".classWeights".',
    );
    dispose(w, batch);
  });
});

describe('batches that are put together', () => {
  const mean = valueAndGrad((w: tf.Tensor, x: tf.Tensor1D) => tf.mean<tf.Scalar>(tf.square(tf.square(tf.sub(w, x)))));
  const batches = () => [tf.tensor1d([1, 2, 3]), tf.tensor1d([-1]), tf.tensor1d([0.5, 2])];

  test('are one batch, for SAM on either side, also of uneven sizes, in any of their cuts', () => {
    tf.tidy(() => {
      const [w, parts] = [tf.scalar(0.3), batches()];
      const group = together(parts);
      const whole = tf.concat1d(parts);
      const sam = samTransform(0.2);
      near(gradientOf(accumulate(), mean, w, group), gradientOf(chain(), mean, w, whole));
      near(gradientOf(chain(accumulate(), sam), mean, w, group), gradientOf(sam, mean, w, whole));
      const each = parts.map((part) => (gradientOf(sam, mean, w, part)[0] ?? Number.NaN) * (part.size / 6));
      near(gradientOf(chain(sam, accumulate()), mean, w, group), [each.reduce((a, b) => a + b)]);
      near(gradientOf(chain(microBatch(2), accumulate(), sam), mean, w, group), gradientOf(sam, mean, w, whole));
      expect(gradientOf(chain(accumulate(), sam), mean, w, together([whole]))).toEqual(gradientOf(sam, mean, w, whole));
    });
  });

  test('cost the tensors of one gradient at a time, and leave none', () => {
    const live: number[] = [];
    const watched = (w: tf.Tensor, x: tf.Tensor1D) => {
      live.push(tf.memory().numTensors);
      return mean(w, x);
    };
    const [w, parts] = [tf.scalar(1), [...batches(), ...batches()]];
    const before = tf.memory().numTensors;
    gradientOf(chain(accumulate(), sgd(0.1)), watched, w, together(parts));
    expect(new Set(live.slice(1)).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    dispose(w, parts);
  });

  test('are refused where they do not belong', () => {
    tf.tidy(() => {
      const [w, x] = [tf.scalar(1), tf.tensor1d([1, 2])];
      expect(() => accumulate().update(mean, null, w, x)).toThrow(
        'accumulate takes batches that are put together: give train the option { accumulate: k }, or make them by together([...]).',
      );
      expect(() => chain(accumulate(), microBatch(1)).update(mean, [null, null], w, together([x, x]))).toThrow(
        'microBatch takes one batch, and batches that are put together reach it behind accumulate: put it before, chain(microBatch(...), accumulate()).',
      );
      expect(() => together([])).toThrow('together takes a list of at least one batch, got none.');
    });
  });
});

test('Weights whose sum is above the largest float32 count by their ratios', () => {
  const link = microBatch(1, { weight: (x: tf.Tensor) => tf.mul<tf.Scalar>(tf.sum(tf.onesLike(x)), 3e38) });
  const mean = (w: tf.Tensor, x: tf.Tensor) => ({
    value: tf.mean<tf.Scalar>(x),
    grads: tf.mul(w, tf.mean(x)),
    aux: null,
  });
  const [{ value, grads }] = link.update(mean, null, tf.scalar(2), tf.tensor1d([1, 2, 6]));
  expect(value.arraySync()).toBeCloseTo(3, 6);
  expect(grads.dataSync()[0]).toBeCloseTo(6, 6);
  const some = microBatch(1, { weight: (x: tf.Tensor) => tf.mul<tf.Scalar>(tf.sum(x), 1e38) });
  const [whole] = some.update(mean, null, tf.scalar(2), tf.tensor1d([0, 1, 2, 3]));
  expect(whole.value.arraySync()).toBeCloseTo(14 / 6, 6);
});
