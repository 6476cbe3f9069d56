import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { forgetting, noiseCurve, quantizationCurve, quantize } from '../../src/index.ts';
import { linear, quadratic } from '../support/losses.ts';
import { loss, reference, referenceBatches, referenceParams } from '../support/network.ts';

beforeAll(() => tf.setBackend('cpu'));

const weights = fc.array(fc.double({ min: -5, max: 5, noNaN: true }).map(Math.fround), { minLength: 1, maxLength: 12 });

property.prop([weights, fc.integer({ min: 2, max: 12 })], { seed: 3, numRuns: 30 })(
  'b bits are 2^b - 1 levels from -max|w| to max|w|, each weight at the nearest, and rounding again changes nothing',
  (w, bits) => {
    const [rounded, again] = tf.tidy(() => {
      const once = quantize(tf.tensor1d(w), bits);
      return [[...once.dataSync()], [...quantize(once, bits).dataSync()]];
    });
    const most = Math.max(...w.map(Math.abs));
    const step = most / (2 ** (bits - 1) - 1);
    for (const [i, x] of w.entries())
      expect(Math.abs((rounded?.[i] as number) - x)).toBeLessThanOrEqual(step * (0.5 + 1e-3) + 1e-12);
    if (most > 0) for (const x of rounded ?? []) expect(Math.abs(x / step - Math.round(x / step))).toBeLessThan(1e-3);
    for (const [i, x] of (again ?? []).entries()) expect(x).toBeCloseTo(rounded?.[i] as number, 5);
  },
);

test('the loss of a quantized network is that of the reference, tensor by tensor', async () => {
  const [params, batches] = [referenceParams(), referenceBatches(5)];
  const { value, points, losses } = await quantizationCurve(loss, params, batches, { bits: [2, 3, 4, 8] });
  expect(value).toBeCloseTo(reference.loss, 5);
  for (const { bits, value: at, change } of points) {
    expect(at).toBeCloseTo(reference.quantized[bits] as number, 4);
    expect(change).toBe(at - value);
  }
  expect(losses).toBe(5);
  const same = await quantizationCurve(loss, params, batches, { bits: [2], wanted: (path) => path === '.headBias' });
  expect(same.points[0]?.value).not.toBeCloseTo(points[0]?.value as number, 2);
  tf.dispose([params, batches]);
});

test('noise is in proportion to the root mean square of each tensor, and its errors are those of its draws', async () => {
  const params = { small: tf.tensor1d([0.3, -0.4]), large: tf.tensor1d([30, 40, 0]), none: tf.tensor1d([0]) };
  const x = [tf.ones([2])];
  // The mean of |w - w₀|²/|w₀|² over tensors is c² in expectation, for each.
  const of = (name: 'small' | 'large' | 'none') =>
    noiseCurve((w: typeof params, _: tf.Tensor) => tf.sum(tf.square(tf.sub(w[name], params[name]))), params, x, {
      levels: [0, 0.2],
      samples: 100,
    });
  for (const [name, square] of [
    ['small', 0.25],
    ['large', 2500],
    ['none', 0],
  ] as const) {
    const { points, value, losses } = await of(name);
    expect([value, points[0]?.change, losses]).toEqual([0, 0, 201]);
    const at = points[1];
    expect(Math.abs((at?.value as number) - 0.04 * square)).toBeLessThanOrEqual(4 * (at?.standardError as number));
  }
  tf.dispose([params, x]);
});

test('forgetting is the old loss along the path of the new task, and leaves nothing of the path but its end', async () => {
  const start = tf.tensor1d([0, 0]);
  const x = [tf.tensor1d([1, 1])];
  const old = quadratic([
    [1, 0],
    [0, 3],
  ]);
  const before = tf.memory().numTensors;
  const step = async (w: tf.Tensor1D, number: number) => tf.tidy(() => tf.add<tf.Tensor1D>(w, number === 4 ? 0 : 1));
  const { points, params, losses } = await forgetting(old, start, x, { step, steps: 5, every: 2 });
  expect(points).toEqual([
    { step: 0, value: 0, change: 0 },
    { step: 2, value: 8, change: 8 },
    { step: 4, value: 32, change: 32 },
    { step: 5, value: 32, change: 32 },
  ]);
  expect([losses, [...params.dataSync()]]).toEqual([4, [4, 4]]);
  expect(tf.memory().numTensors).toBe(before + 1);
  const broken = forgetting(linear([1, 1]), start, x, {
    steps: 3,
    step: (w, number) => {
      if (number === 2) throw new Error('out of data');
      return tf.tidy(() => tf.add<tf.Tensor1D>(w, 1));
    },
  });
  await expect(broken).rejects.toThrow('out of data');
  expect(tf.memory().numTensors).toBe(before + 1);
  // Weights that a step gives back as they are, as those of frozen layers.
  const still = await forgetting(linear([1, 1]), start, x, { steps: 2, step: (w) => w });
  expect(start.isDisposed).toBe(false);
  tf.dispose([start, x, params, still.params]);
});
