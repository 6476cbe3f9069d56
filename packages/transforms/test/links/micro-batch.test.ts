import { foldIn, key } from '@steppe/random';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  chain,
  type Evaluation,
  type GradientTransformation,
  microBatch,
  sam,
  samTransform,
  scaleByAdam,
  sgd,
  trace,
} from '../../src/index.ts';
import { type Rows, regression } from '../support/gradients.ts';
import { gradientOf } from '../support/step.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Point = readonly number[];
type Example = readonly [x0: number, x1: number, y: number];

/** The regression's gradient and SAM gradient (p = 2) in float64. */
const slope = (rows: readonly Example[], w: Point): Point => {
  const [w0 = 0, w1 = 0] = w;
  const sum = (f: (row: Example) => number) => rows.reduce((total, row) => total + f(row), 0) / rows.length;
  const residual = ([x0, x1, y]: Example) => x0 * w0 + x1 * w1 - y;
  return [sum((row) => residual(row) * row[0]), sum((row) => residual(row) * row[1])];
};
const samSlope = (rows: readonly Example[], w: Point, rho: number): Point => {
  const g = slope(rows, w);
  return slope(
    rows,
    w.map((x, i) => x + (rho * (g[i] ?? 0)) / Math.hypot(...g)),
  );
};
const slices = (rows: readonly Example[], m: number) =>
  Array.from({ length: Math.ceil(rows.length / m) }, (_, i) => rows.slice(i * m, i * m + m));
const mean = (parts: readonly { readonly weight: number; readonly g: Point }[]): Point =>
  [0, 1].map((i) => parts.reduce((total, { weight, g }) => total + weight * (g[i] ?? 0), 0));

const tensors = (rows: readonly Example[]): Rows => ({
  x: tf.tensor2d(rows.map(([x0, x1]) => [x0, x1])),
  y: tf.tensor1d(rows.map(([, , y]) => y)),
});

describe('reference values', () => {
  type Given = { X: [number, number][]; y: number[]; w: number[]; rho: number };
  const rowsOf = ({ X, y }: Given) => X.map(([x0, x1], i): Example => [x0, x1, y[i] ?? Number.NaN]);

  test.each(vectors<Given, Record<string, { sam_grad: number[] }>>('m-sharpness/sam-gradient'))(
    '$id',
    ({ inputs, expected }) => {
      const batch = tensors(rowsOf(inputs));
      const w = tf.tensor1d(inputs.w);
      for (const [m, { sam_grad }] of Object.entries(expected))
        expectEach(gradientOf(chain(samTransform(inputs.rho), microBatch(Number(m))), regression, w, batch), sam_grad);
      dispose(batch, w);
    },
  );

  test.each(vectors<Given, { paper: number[] }>('m-sharpness/keras-sum'))(
    '$id: slices are averaged, not summed',
    ({ inputs, expected }) => {
      const batch = tensors(rowsOf(inputs));
      const w = tf.tensor1d(inputs.w);
      expectEach(gradientOf(chain(samTransform(inputs.rho), microBatch(2)), regression, w, batch), expected.paper);
      dispose(batch, w);
    },
  );

  test.each(vectors<Given, { two_phase: number[]; per_micro_batch: number[] }>('grad-accumulation/'))(
    '$id',
    ({ inputs, expected }) => {
      const batch = tensors(rowsOf(inputs));
      const w = tf.tensor1d(inputs.w);
      expectEach(gradientOf(chain(microBatch(2), samTransform(inputs.rho)), regression, w, batch), expected.two_phase);
      expectEach(
        gradientOf(chain(samTransform(inputs.rho), microBatch(2)), regression, w, batch),
        expected.per_micro_batch,
      );
      dispose(batch, w);
    },
  );
});

const coordinate = fc.integer({ min: -40, max: 40 }).map((x) => x / 8);
const examples = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 7 });
const sizes = fc.integer({ min: 1, max: 8 });
const points = fc.tuple(coordinate, coordinate);

test('on a quadratic both orders equal their closed forms, with a ragged tail', () => {
  fc.assert(
    fc.property(examples, sizes, points, fc.constantFrom(0.05, 0.5, 2), (rows, m, at, rho) => {
      const parts = slices(rows, m).map((slice) => ({ slice, weight: slice.length / rows.length }));
      // Where a gradient all but vanishes, the direction of its rounding errors is not to be compared.
      fc.pre([rows, ...parts.map(({ slice }) => slice)].every((some) => Math.hypot(...slope(some, at)) > 0.05));
      const batch = tensors(rows);
      const w = tf.tensor1d([...at]);
      const mSharp = mean(parts.map(({ slice, weight }) => ({ weight, g: samSlope(slice, at, rho) })));
      const size = Math.max(1, ...[...mSharp, ...samSlope(rows, at, rho)].map(Math.abs));
      const scaled = (g: Point) => [...g, size];
      expectNear(
        scaled(gradientOf(chain(samTransform(rho), microBatch(m)), regression, w, batch)),
        scaled(mSharp),
        1e-4,
      );
      expectNear(
        scaled(gradientOf(chain(microBatch(m), samTransform(rho)), regression, w, batch)),
        scaled(samSlope(rows, at, rho)),
        1e-4,
      );
      dispose(batch, w);
    }),
  );
});

test('for a loss linear in the parameters the two orders agree', () => {
  const linearLoss = (w: tf.Tensor, { x }: Rows): Evaluation<tf.Tensor, null> => {
    const grads = tf.mean(x, 0);
    return { value: tf.tidy(() => tf.sum<tf.Scalar>(tf.mul(grads, w))), grads, aux: null };
  };
  fc.assert(
    fc.property(examples, sizes, points, (rows, m, at) => {
      const batch = tensors(rows);
      const w = tf.tensor1d([...at]);
      const one = gradientOf(chain(samTransform(0.5), microBatch(m)), linearLoss, w, batch);
      const other = gradientOf(chain(microBatch(m), samTransform(0.5)), linearLoss, w, batch);
      expectNear([...one, 1], [...other, 1], 1e-6);
      dispose(batch, w);
    }),
  );
});

test('of a batch of at most m examples is the identity on either side of SAM, bit for bit', () => {
  fc.assert(
    fc.property(examples, fc.nat(3), points, (rows, more, at) => {
      const batch = tensors(rows);
      const w = tf.tensor1d([...at]);
      const plain = gradientOf(samTransform(0.5), regression, w, batch);
      for (const link of [microBatch(rows.length), microBatch(rows.length + more)])
        for (const same of [
          chain(samTransform(0.5), link),
          chain(link, samTransform(0.5)),
        ] as GradientTransformation<Tree>[])
          expect(gradientOf(same, regression, w, batch)).toEqual(plain);
      dispose(batch, w);
    }),
  );
});

test('value, aux, report and upstream states are averaged by examples; counts stay', () => {
  tf.tidy(() => {
    const gradient = (_: tf.Tensor, x: tf.Tensor1D) => ({
      value: tf.mean<tf.Scalar>(x),
      grads: tf.mean(x),
      aux: { max: tf.max<tf.Scalar>(x), updates: tf.scalar(4, 'int32'), note: 'kept' },
      report: { min: tf.min<tf.Scalar>(x) },
    });
    const optimizer = chain(scaleByAdam(), trace(0.5), sam(sgd(1), 0), microBatch(2));
    const w = tf.scalar(0);
    const batch = tf.tensor1d([1, 3, 10, 20, 6]);
    const [{ value, aux, report }, [adam, momentum]] = optimizer.update(gradient, optimizer.init(w), w, batch);
    expectEach(numbers(value), [8]);
    expectEach(numbers([aux.max, aux.updates]), [(2 * 3 + 2 * 20 + 6) / 5, 4]);
    expect(aux.note).toBe('kept');
    expectEach(numbers([report?.min]), [(2 * 1 + 2 * 10 + 6) / 5]);
    expectEach(numbers(adam.mean), [0.1 * 8]);
    expectEach(numbers(adam.meanSquare), [(0.001 * (2 * 4 + 2 * 225 + 36)) / 5], 1e-4);
    expect(numbers(adam.count)).toEqual([1]);
    expectEach(numbers(momentum), [1]);
  });
});

test('holds the sum and one slice at a time, however many slices there are', () => {
  const live: number[] = [];
  const gradient = (w: tf.Tensor, batch: Rows) => {
    live.push(tf.memory().numTensors);
    return regression(w, batch);
  };
  const batch = { x: tf.ones<tf.Rank.R2>([9, 2]), y: tf.ones<tf.Rank.R1>([9]) };
  const w = tf.tensor1d([1, 2]);
  gradientOf(microBatch(1), gradient, w, batch);
  expect(new Set(live.slice(1)).size).toBe(1);
  dispose(batch, w);
});

describe('what a slice gets', () => {
  type Input = {
    x: tf.Tensor;
    y: tf.Tensor;
    temperature: tf.Scalar;
    keys: { dropout: ReturnType<typeof key> };
    note: string;
  };
  const input = (): Input => ({
    x: tf.tensor3d([[[1, 2]], [[3, 4]], [[5, 6]]]),
    y: tf.tensor1d([7, 8, 9], 'int32'),
    temperature: tf.scalar(0.5),
    keys: { dropout: key(1) },
    note: 'same',
  });
  const watch = (link: GradientTransformation<Tree>) => {
    const seen: { numbers: readonly number[]; shapes: readonly unknown[]; key: string; note: string }[] = [];
    tf.tidy(() => {
      const w = tf.scalar(1);
      const gradient = (at: tf.Tensor, { x, y, temperature, keys, note }: Input) => {
        seen.push({
          numbers: numbers([x, y, temperature]),
          shapes: [x.shape, y.shape, y.dtype],
          key: JSON.stringify(keys.dropout),
          note,
        });
        return { value: tf.scalar(0), grads: tf.clone(at), aux: null };
      };
      link.update(gradient, link.init(w), w, input());
    });
    return seen;
  };

  test('is its rows of every tensor, and scalars and plain data whole', () => {
    expect(watch(chain(microBatch(2)))).toMatchObject([
      { numbers: [1, 2, 3, 4, 7, 8, 0.5], shapes: [[2, 1, 2], [2], 'int32'], note: 'same' },
      { numbers: [5, 6, 9, 0.5], shapes: [[1, 1, 2], [1], 'int32'], note: 'same' },
    ]);
  });

  test('is a random key of its own, the same at every update and in both passes of SAM', () => {
    const keys = (link: GradientTransformation<Tree>) => watch(link).map((slice) => slice.key);
    const folded = [0, 1, 2].map((i) => JSON.stringify(foldIn(key(1), i)));
    expect(keys(chain(microBatch(1)))).toEqual(folded);
    expect(keys(chain(samTransform(0.1), microBatch(1)))).toEqual(folded.flatMap((k) => [k, k]));
    expect(keys(chain(microBatch(1), samTransform(0.1)))).toEqual([...folded, ...folded]);
    expect(keys(chain(microBatch(3)))).toEqual([JSON.stringify(key(1))]);
  });

  test('is a key that no slice of a slice shares', () => {
    const keys = watch(chain(microBatch(1), microBatch(2))).map((slice) => slice.key);
    expect(new Set(keys).size).toBe(3);
  });
});

describe('refuses', () => {
  const gradient = (w: tf.Tensor) => ({ value: tf.scalar(0), grads: w, aux: null });
  const updating = (batch: Parameters<typeof run>[0]) => () => run(batch);
  const run = (batch: { [key: string]: tf.Tensor } | null | tf.Tensor) =>
    microBatch(2).update(gradient, null, tf.scalar(1), batch);

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('m = %s', (m) => {
    expect(() => microBatch(m)).toThrow(`m must be a positive whole number of examples, got ${m}.`);
  });

  test('a batch without examples', () => {
    const message = 'microBatch needs a batch of tensors with the examples along their first dimension, got none.';
    expect(updating(null)).toThrow(message);
    expect(updating(tf.scalar(1))).toThrow(message);
  });

  test('tensors that differ in their first dimension, with their paths', () => {
    expect(updating({ images: tf.zeros([4, 2]), labels: tf.zeros([3]) })).toThrow(
      'All tensors of a batch have one first dimension: ".images" has 4, ".labels" has 3.',
    );
  });

  test('an aux that is no mean over the examples, with its path', () => {
    const perExample = (w: tf.Tensor, x: tf.Tensor) => ({
      value: tf.scalar(0),
      grads: tf.clone(w),
      aux: { logits: tf.clone(x) },
    });
    const before = tf.memory().numTensors;
    const [w, batch] = [tf.scalar(1), tf.zeros([3, 2])];
    expect(() => microBatch(2).update(perExample, null, w, batch)).toThrow(
      'microBatch averages what slices give, got [2,2] and [1,2] at ".aux.logits": return means over the examples.',
    );
    dispose(w, batch);
    expect(tf.memory().numTensors).toBe(before);
  });
});
