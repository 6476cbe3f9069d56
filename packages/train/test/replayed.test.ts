import { registerNative } from '@steppe/native';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evaluate, replayed } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';

beforeAll(() => registerNative());
beforeEach(() => tf.setBackend('native'));

type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };

/** Batches of 5, and one of 3 that is left. */
function* batches(): Generator<Batch> {
  for (const [i, rows] of [5, 5, 5, 3].entries())
    yield {
      x: tf.tidy(() => tf.sin(tf.range(0, 4 * rows).add(i)).reshape([rows, 4]) as tf.Tensor2D),
      y: tf.tidy(() => tf.cos(tf.range(0, rows).add(i)) as tf.Tensor1D),
    };
}

/** A measure that tells how often it was called. */
function counting() {
  let calls = 0;
  const measure = (w: tf.Tensor1D, { x, y }: Batch) => {
    calls++;
    const errors = tf.sub(tf.tanh(tf.dot(x, w)), y);
    return { loss: tf.mean<tf.Scalar>(tf.square(errors)), worst: tf.max<tf.Scalar>(tf.abs(errors)) };
  };
  return { measure, calls: () => calls };
}

describe('a measure that is replayed', () => {
  test('gives the same bits at each evaluation, with a ragged last batch, and leaves no tensor', async () => {
    const [plain, other] = [counting(), counting()];
    const measure = replayed(other.measure);
    const weights = [0.5, -1, 2, 0.25].map((scale) => tf.mul(tf.tensor1d([1, -2, 3, 0.1]), scale) as tf.Tensor1D);
    const all = async (one: typeof plain.measure) => {
      const seen: unknown[] = [];
      for (const w of weights) seen.push(await evaluate((batch: Batch) => one(w, batch), batches));
      return seen;
    };
    await expectTensorsLeft(0, async () => {
      const expected = await all(plain.measure);
      expect(await all(measure)).toEqual(expected);
      await measure.finish();
      measure.dispose();
    });
    // Two of each size, and one look at each at the end; of the rest none.
    expect([plain.calls(), other.calls()]).toEqual([16, expect.any(Number)]);
    expect(other.calls()).toBeLessThan(9);
    dispose(weights);
  });

  test('runs as it is on other backends', async () => {
    const { measure, calls } = counting();
    const same = replayed(measure);
    await tf.setBackend('cpu');
    const w = tf.tensor1d([1, 2, 3, 4]);
    await expectTensorsLeft(0, () => evaluate((batch: Batch) => same(w, batch), batches));
    expect(calls()).toBe(4);
    await same.finish();
    same.dispose();
    w.dispose();
  });

  test('that reads a value back is told once, and goes on kernel by kernel', async () => {
    const told: string[] = [];
    const reading = replayed(
      (x: tf.Tensor) => {
        const [first = 0] = tf.square(x).dataSync();
        return { loss: tf.scalar(first) };
      },
      { warn: (line) => void told.push(line) },
    );
    const list = [1, 2, 3].map((x) => tf.tensor1d([x]));
    await expectTensorsLeft(-3, async () =>
      expect(await evaluate((x: tf.Tensor) => reading(x), list)).toEqual({ loss: 14 / 3, examples: 3 }),
    );
    expect(told).toEqual([
      expect.stringMatching(
        /^Calls of a replayed function run kernel by kernel, since they cannot be captured: .*dataSync/,
      ),
    ]);
    reading.dispose();
  });

  test('with a number of the host that changes is an error, of how many results it may be', async () => {
    let factor = 1;
    const scaled = replayed((x: tf.Tensor) => tf.mul(x, factor));
    const x = tf.tensor1d([3]);
    for (let i = 0; i < 4; i++) scaled(x).dispose();
    factor = 2;
    scaled(x).dispose();
    await expect(scaled.finish()).rejects.toThrow(
      /^Up to \d+ of the last results of a replayed function may be wrong, .* Give it what changes as an argument/,
    );
    scaled.dispose();
    x.dispose();
  });
});
