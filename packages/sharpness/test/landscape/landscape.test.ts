import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linspace, lossBarrier, lossCurve, lossSurface } from '../../src/index.ts';

const vector = (n: number) => fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: n, maxLength: n });
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const hessian = [
  [3, 1, 0],
  [1, 2, -1],
  [0, -1, 4],
];
const quadratic = (w: readonly number[]) =>
  0.5 *
  dot(
    w,
    hessian.map((row) => dot(row, w)),
  );
const loss = (w: tf.Tensor): tf.Tensor => {
  const column = tf.reshape(w, [3, 1]);
  return tf.mul(0.5, tf.sum(tf.mul(column, tf.matMul(tf.tensor2d(hessian), column))));
};
const moved = (w: readonly number[], ...steps: readonly (readonly [number, readonly number[]])[]) =>
  w.map((x, i) => steps.reduce((sum, [a, d]) => sum + a * (d[i] as number), x));

test('curves and surfaces of a quadratic are those of the formula', async () => {
  await fc.assert(
    fc.asyncProperty(vector(3), vector(3), vector(3), async (w, d, e) => {
      const [params, along, across] = [tf.tensor1d(w), tf.tensor1d(d), tf.tensor1d(e)];
      const at = [-1, 0, 0.5];
      const curve = await lossCurve(loss, params, along, [null], { at });
      for (const [i, a] of at.entries()) expect(curve.values[i]).toBeCloseTo(quadratic(moved(w, [a, d])), 3);
      const { xs, ys, values } = await lossSurface(loss, params, [along, across], [null], { xs: at, ys: [0, 2] });
      for (const [j, y] of ys.entries())
        for (const [i, x] of xs.entries()) expect(values[j]?.[i]).toBeCloseTo(quadratic(moved(w, [x, d], [y, e])), 3);
      expect(values[0]).toEqual(curve.values);
      tf.dispose([params, along, across]);
    }),
    { seed: 22, numRuns: 20 },
  );
});

test('a convex loss has no barrier', async () => {
  await fc.assert(
    fc.asyncProperty(vector(3), vector(3), async (from, to) => {
      const [w, v] = [tf.tensor1d(from), tf.tensor1d(to)];
      const { barrier, values } = await lossBarrier(loss, w, v, [null], { points: 5 });
      expect(barrier).toBeLessThan(1e-4);
      expect(values[2]).toBeCloseTo(quadratic(moved(from, [0.5, moved(to, [-1, from])])), 3);
      tf.dispose([w, v]);
    }),
    { seed: 23, numRuns: 15 },
  );
});

type Params = { readonly into: tf.Tensor2D; readonly out: tf.Tensor2D };

test('two copies of a network whose units are in another order have a barrier; in one order they have none', async () => {
  const x = tf.tensor2d([
    [1, 0],
    [0, 1],
    [-1, 2],
    [2, 1],
  ]);
  const net = ({ into, out }: Params) => tf.matMul(tf.relu(tf.matMul(x, into)), out);
  const params: Params = {
    into: tf.tensor2d([
      [1, -1, 0.5],
      [0.5, 2, -1],
    ]),
    out: tf.tensor2d([[1], [-2], [3]]),
  };
  const taught = net(params);
  const error = (w: Params) => tf.mean(tf.square(tf.sub(net(w), taught)));
  const ordered = ({ into, out }: Params, order: number[]): Params => ({
    into: tf.gather(into, order, 1),
    out: tf.gather(out, order),
  });
  const other = ordered(params, [2, 0, 1]);
  const { values, barrier, where } = await lossBarrier(error, params, other, [null], { points: 11 });
  expect([values[0], values[10]]).toEqual([0, 0]);
  expect(barrier).toBeGreaterThan(0.1);
  expect(where).toBeGreaterThan(0);
  const again = await lossBarrier(error, params, ordered(other, [1, 2, 0]), [null], { points: 11 });
  expect(again.barrier).toBe(0);
});

test('the loss is the mean over examples of all batches, each point a pass, and no tensor is left', async () => {
  const params = { w: tf.scalar(2) };
  const direction = { w: tf.scalar(1) };
  const before = tf.memory().numTensors;
  let passes = 0;
  const batches = function* () {
    passes += 1;
    yield tf.tensor1d([1, 2, 3]);
    yield tf.tensor1d([10]);
  };
  const told: unknown[] = [];
  const curve = await lossCurve(
    ({ w }: { w: tf.Tensor }, batch: tf.Tensor) => tf.mean(tf.mul(w, batch)),
    params,
    direction,
    batches,
    {
      at: [0, 1],
      onProgress: (progress) => told.push(progress),
    },
  );
  expect(curve).toEqual({ at: [0, 1], values: [8, 12], losses: 2 });
  expect(passes).toBe(2);
  expect(told).toEqual([
    { done: 1, total: 2 },
    { done: 2, total: 2 },
  ]);
  expect(tf.memory().numTensors).toBe(before);
});

test('far away a loss may be no number, which stays in its place', async () => {
  const far = (w: tf.Tensor) => tf.log(w).asScalar();
  const { values } = await lossCurve(far, tf.scalar(1), tf.scalar(1), [null], { at: [-2, -1, 0] });
  expect(values).toEqual([Number.NaN, Number.NEGATIVE_INFINITY, 0]);
});

test('a signal ends it between points, and nothing is left', async () => {
  const controller = new AbortController();
  const params = tf.scalar(1);
  const before = tf.memory().numTensors;
  const ended = lossSurface((w: tf.Tensor) => w.asScalar(), params, [params, params], [null], {
    signal: controller.signal,
    onProgress: ({ done }) => done === 3 && controller.abort(new Error('enough')),
  });
  await expect(ended).rejects.toThrow('enough');
  expect(tf.memory().numTensors).toBe(before);
});

test('what is no landscape is refused before a loss is taken', async () => {
  const params = tf.scalar(1);
  const never = () => {
    throw new Error('The loss was taken.');
  };
  const refusals: readonly (readonly [Promise<unknown>, string])[] = [
    [lossCurve(never, params, params, [null], { at: [] }), 'at must be a list of numbers, as linspace gives it, got'],
    [lossCurve(never, params, params, [null], { at: [0, Number.NaN] }), 'at[1] must be a finite number, got NaN.'],
    [lossCurve(never, params, params, []), 'lossCurve got no batches: it needs at least one.'],
    [lossCurve(never, params, params, [null], { points: 3 } as never), 'lossCurve has no option "points"'],
    [lossSurface(never, params, [params] as never, [null]), 'directions must be a list of two trees'],
    [lossBarrier(never, params, params, [null], { points: 2 }), 'points must be a whole number of at least 3, got 2.'],
    [lossBarrier(never, { a: params } as never, params as never, [null]), 'Trees differ'],
  ];
  for (const [refused, message] of refusals) await expect(refused).rejects.toThrow(message);
});

test('an odd number of steps meets the weights themselves', async () => {
  const { values } = await lossCurve((w: tf.Tensor) => tf.square(w).asScalar(), tf.scalar(3), tf.scalar(1), [null], {
    at: linspace(-1, 1, 5),
  });
  expect(values[2]).toBe(9);
});
