import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  averageSharpness,
  featureRank,
  innerMaximum,
  keskarSharpness,
  lossBarrier,
  magnitudes,
  margins,
  mSharpness,
  noiseCurve,
  quantizationCurve,
  rhoCurve,
  samCertificate,
  samSharpness,
  spectralNorm,
  theorem2Bound,
  weightNorms,
  worstCaseSharpness,
} from '../../src/index.ts';
import { linear, refusalOf } from '../support/losses.ts';

beforeAll(() => tf.setBackend('cpu'));

let x: tf.Tensor1D[];
let before: number;
beforeEach(() => {
  x = [tf.tensor1d([1, 1]), tf.tensor1d([1, 1, 1])];
  before = tf.memory().numTensors;
});
afterEach(() => {
  const left = tf.memory().numTensors - before;
  tf.dispose(x);
  expect(left).toBe(0);
});

const PS = [1, 1.5, 2, 3, Number.POSITIVE_INFINITY];

test('a radius of 0 gives exactly 0, and a very large one a number or a word on what to do', async () => {
  const w = tf.tensor1d([1, -2]);
  const loss = linear([3, 4]);
  for (const p of PS) {
    const none = { rho: 0, p };
    expect((await samSharpness(loss, w, x, none)).value).toBe(0);
    expect((await worstCaseSharpness(loss, w, x, { ...none, iterations: 2, restarts: 1 })).value).toBe(0);
    expect((await innerMaximum(loss, w, x, { ...none, iterations: 2 })).reached).toBe(1);
    expect((await samSharpness(loss, w, x, { rho: 1e30, p })).value).toBeGreaterThan(1e30);
    const beyond = await refusalOf(samSharpness(loss, w, x, { rho: 3e38, p }));
    expect(['nothing', expect.stringContaining('try a smaller radius')]).toContainEqual(beyond);
  }
  expect((await averageSharpness(loss, w, x, { rho: 0, samples: 2 })).values).toEqual([0, 0]);
  expect((await rhoCurve(loss, w, x, { rhos: [0] })).points[0]).toMatchObject({ rise: 0, linearizationRatio: 0 });
  expect(
    (await noiseCurve((v, b: tf.Tensor) => loss(v, b).asScalar(), w, x, { levels: [0], samples: 2 })).points[0]?.change,
  ).toBe(0);
  w.dispose();
});

test('a radius that float32 does not resolve is told by the resolution, 2⁻²⁰ of the loss, of every difference', async () => {
  const w = tf.tensor1d([1, -2]);
  // L(w) = 1 + ¼·(1 + 4) = 2.25, and a slope of √5 / 2.
  const loss = (v: tf.Tensor, b: tf.Tensor) => tf.mul(tf.add(1, tf.mul(0.25, tf.sum(tf.square(v)))), tf.mean(b));
  const found = async (rho: number) => {
    const climb = { rho, iterations: 2 };
    const { step, maximum } = await innerMaximum(loss, w, x, climb);
    const [point] = (await rhoCurve(loss, w, x, { rhos: [rho] })).points;
    const [ofShards] = (await mSharpness(loss, w, x, { rho, sizes: [2] })).points;
    return {
      sam: await samSharpness(loss, w, x, { rho }),
      worst: await worstCaseSharpness(loss, w, x, climb),
      average: await averageSharpness(loss, w, x, { rho, samples: 2 }),
      curve: { value: point?.rise ?? Number.NaN, resolution: point?.resolution ?? Number.NaN },
      shards: ofShards ?? { value: Number.NaN, resolution: Number.NaN },
      certificate: (await samCertificate(loss, w, x, { rho })).rise,
      step,
      maximum,
    };
  };
  for (const [name, { value, resolution }] of Object.entries(await found(1e-7)))
    expect([name, Math.abs(value) <= resolution, resolution / 2 ** -20]).toEqual([name, true, expect.closeTo(2.25, 5)]);
  for (const [name, { value, resolution }] of Object.entries(await found(0.01)))
    expect([name, value > resolution]).toEqual([name, true]);
  const keskar = await keskarSharpness(loss, w, x, { epsilon: 1e-7, iterations: 2 });
  expect(keskar.resolution).toBeCloseTo((100 * 2 ** -20 * 2.25) / 3.25, 9);
  const barrier = await lossBarrier(loss, w, w, x, { points: 3 });
  expect([barrier.barrier, barrier.resolution]).toEqual([0, expect.closeTo(2 ** -20 * 2.25, 9)]);
  w.dispose();
});

test('a scalar, leaves without numbers and lists measure as what they hold', async () => {
  const [scalar, vector] = [tf.scalar(2), tf.tensor1d([2])];
  const whole = { nothing: tf.zeros([0, 3]), list: [vector] as const, rest: null };
  const square = (v: tf.Tensor, batch: tf.Tensor) => tf.mul(tf.sum(tf.square(v)), tf.mean(batch));
  for (const p of PS) {
    const ball = { rho: 0.5, p };
    const wanted = (await samSharpness(square, scalar, x, ball)).value;
    expect(wanted).toBeCloseTo(2.5 ** 2 - 4, 5);
    const inTree = (w: typeof whole, batch: tf.Tensor) => square(w.list[0], batch);
    expect((await samSharpness(inTree, whole, x, ball)).value).toBeCloseTo(wanted, 5);
    const scale = magnitudes(whole);
    const worst = await worstCaseSharpness(inTree, whole, x, { ...ball, scale, iterations: 3, restarts: 1 });
    expect(worst.value).toBeCloseTo(9 - 4, 4);
    tf.dispose([scale.nothing, scale.list[0]]);
  }
  const figure = (w: typeof whole, batch: tf.Tensor) => square(w.list[0], batch);
  expect((await quantizationCurve(figure, whole, x, { bits: [4] })).points[0]?.change).toBe(0);
  expect((await keskarSharpness(square, scalar, x, { epsilon: 0.1, iterations: 2 })).value).toBeCloseTo(
    (100 * (2.3 ** 2 - 4)) / 5,
    3,
  );
  expect((await weightNorms({ scalar, nothing: whole.nothing })).norm).toBe(2);
  tf.dispose([scalar, vector, whole.nothing]);
});

test('weights that no step could move are refused, and what is not finite is told with its batch', async () => {
  const [w, whole, bad] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2], 'int32'), tf.tensor1d([1, Number.NaN])];
  const loss = linear([1, 1]);
  const ball = { rho: 0.1 };
  expect(await refusalOf(samSharpness(loss, whole, x, ball))).toContain('Parameters are float32, got int32 at "."');
  expect(await refusalOf(averageSharpness(loss, whole, x, ball))).toContain('Parameters are float32, got int32 at "."');
  expect(await refusalOf(noiseCurve((v) => tf.sum(v).asScalar(), { a: w, b: w }, x))).toContain(
    'One tensor stands at ".a" and ".b"',
  );
  expect(await refusalOf(samSharpness(loss, w, [x[0] as tf.Tensor1D, bad], ball))).toContain(
    'loss or gradient of batch',
  );
  expect(await refusalOf(samSharpness(loss, bad, x, ball))).toContain('loss or gradient of batch 1 is not finite');
  expect(await refusalOf(quantizationCurve((v) => tf.sum(v).asScalar(), bad, x))).toContain('The figure is not finite');
  const kernel = tf.tensor2d([[1, Number.POSITIVE_INFINITY]]);
  expect(await refusalOf(spectralNorm(kernel))).toBe(
    'The kernel [1,2] holds numbers that are not finite: the weights may have diverged.',
  );
  const features = (v: tf.Tensor, b: tf.Tensor) => tf.outerProduct(b as tf.Tensor1D, v as tf.Tensor1D);
  expect(await refusalOf(featureRank(features, bad, x))).toContain('The features are not finite');
  tf.dispose([w, whole, bad, kernel]);
});

test('margins of one class, of labels that are no class and of logits that are none are refused in words', async () => {
  const w = tf.tensor1d([1, 2]);
  const of = (classes: number, label: number, w1 = w) =>
    refusalOf(
      margins(
        {
          outputs: (v: tf.Tensor, b: tf.Tensor) => tf.mul(tf.mean(v), tf.ones([b.size, classes])),
          labels: (b: tf.Tensor) => tf.fill([b.size], label, 'int32'),
        },
        w1,
        x,
      ),
    );
  expect(await of(1, 0)).toBe(
    'margins needs at least two classes, got logits [2,1]: for one logit a class, put 0 beside it as the other.',
  );
  expect(await of(2, 2)).toContain('labels that are numbers of their classes, counted from 0');
  expect(await of(2, 1)).toBe('nothing');
  const parts = { outputs: (v: tf.Tensor) => v, labels: () => null as never };
  expect(await refusalOf(margins(parts, w, x))).toBe(
    'What labels gives to margins must be a tensor of class numbers, got null.',
  );
  w.dispose();
});

test('norms below 1 and bounds of nothing are refused', async () => {
  const w = tf.tensor1d([1, 2]);
  for (const p of [0.999, 0, -1, Number.NaN])
    expect(await refusalOf(samSharpness(linear([1, 1]), w, x, { rho: 1, p }))).toBe(`p must be at least 1, got ${p}.`);
  const given = { worstLoss: 0.1, norm: 1, rho: 0.1, examples: 10, parameters: 5 };
  expect(() => theorem2Bound({ ...given, rho: 0 })).toThrow('rho must be a finite number above 0, got 0.');
  expect(() => theorem2Bound({ ...given, examples: 1 })).toThrow(
    'examples must be a whole number of at least 2, got 1.',
  );
  w.dispose();
});
