import { hvp } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  averageSharpness,
  magnitudes,
  normalizeLogits,
  operatorOf,
  pacBayesBound,
  pacBayesSigma,
  pathNorm,
  quantize,
  relativeFlatness,
  samSharpness,
  shards,
  spectralNorm,
  weightNorms,
  worstCaseSharpness,
} from '../../src/index.ts';
import { everyMeasure } from '../support/every-measure.ts';
import { refusalOf } from '../support/losses.ts';
import { type Batch, loss, type Params, referenceBatches, referenceParams } from '../support/network.ts';

let params: Params;
let scale: Params;
beforeAll(async () => {
  await tf.setBackend('cpu');
  params = referenceParams();
  scale = magnitudes(params);
});
afterAll(() => tf.dispose([params, scale]));

const fresh = () => referenceBatches(8).values();

test('every measure leaves the weights as they are, and no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const weights = [...params.head.dataSync()];
  for (const [name, measure] of Object.entries(everyMeasure({ params, scale }, fresh))) {
    await measure();
    expect([name, tf.memory().numTensors]).toEqual([name, before]);
  }
  await weightNorms(params, { from: scale });
  await pathNorm((w: Params) => tf.sum(w.head), params);
  await pacBayesBound(params, { sigma: 0.1, examples: 100, from: scale });
  const batch = referenceBatches(12)[0] as Batch;
  const operator = operatorOf(params, (v) => hvp(loss)(params, batch, v));
  await relativeFlatness(operator, { layer: '.head', samples: 2 });
  tf.dispose([batch, quantize(params, 4)]);
  expect(tf.memory().numTensors).toBe(before);
  expect([...params.head.dataSync()]).toEqual(weights);
});

test('a loss that leaves the numbers stops a measure with a word on what to do', async () => {
  const before = tf.memory().numTensors;
  const batches = [tf.tensor1d([1, 1])];
  const w = tf.tensor1d([1]);
  const steep = (v: tf.Tensor, x: tf.Tensor) => tf.sum(tf.mul(tf.exp(tf.mul(v, 60)), tf.mean(x)));
  expect(await refusalOf(samSharpness(steep, w, batches, { rho: 3 }))).toContain('try a smaller radius');
  expect(await refusalOf(worstCaseSharpness(steep, w, batches, { rho: 3 }))).toContain('try a smaller radius');
  expect(await refusalOf(averageSharpness(steep, w, batches, { rho: 9 }))).toContain('try a smaller radius');
  tf.dispose([batches, w]);
  expect(tf.memory().numTensors).toBe(before);
});

test('what makes no measure is refused in one line before any pass', async () => {
  const w = { kernel: tf.tensor2d([[1, 2]]), bias: tf.tensor1d([1]) };
  const never = (): Iterable<tf.Tensor> => {
    throw new Error('a pass was begun');
  };
  const all = (v: typeof w, _: tf.Tensor) => tf.add(tf.sum(v.kernel), tf.sum(v.bias));
  const given = async (options: object) => refusalOf(worstCaseSharpness(all, w, never, options as { rho: number }));
  expect(await given({})).toBe('rho must be a number, got nothing.');
  expect(await given({ rho: -1 })).toBe('rho must be a finite number of at least 0, got -1.');
  expect(await given({ rho: 1, p: 0.5 })).toBe('p must be at least 1, got 0.5.');
  expect(await given({ rho: 1, iteration: 3 })).toBe(
    'worstCaseSharpness has no option "iteration": did you mean "iterations"?',
  );
  expect(await given({ rho: 1, share: 'none' })).toBe('share must be "batch" or "all", got "none".');
  expect(await given({ rho: 1, wanted: () => false })).toContain('wanted of worstCaseSharpness chooses no leaf');
  expect(await given({ rho: 1, scale: { kernel: w.kernel } })).toBe('Trees differ: nothing at ".bias" to pair with.');
  expect(await given({ rho: 1, scale: { kernel: w.bias, bias: w.bias } })).toContain(
    'scale has shape [1] at ".kernel", the parameter has [1,2]',
  );
  expect(await refusalOf(spectralNorm(w.bias))).toBe('A kernel has at least two axes, got shape [1].');
  expect(await refusalOf(weightNorms({ k: tf.zeros([3, 3, 1, 1]) }))).toContain('needs grid, the side of its input');
  expect(await refusalOf(weightNorms({ k: tf.zeros([2, 2]) }))).toContain('The kernel ".k" is zero');
  const operator = operatorOf(w, (v) => v, { wanted: (path) => path === '.bias' });
  expect(await refusalOf(relativeFlatness(operator, { layer: '.dense' }))).toBe(
    'layer must be the path of a kernel, got ".dense": there are ".kernel".',
  );
  expect(await refusalOf(relativeFlatness(operator, { layer: '.kernel' }))).toContain('let wanted choose it');
  expect(() => quantize(w, 1)).toThrow('bits must be a whole number from 2 to 24, got 1.');
  expect(() => shards([], 0)).toThrow('m must be a positive whole number, got 0.');
  tf.dispose(w);
});

test('shards are cut along the examples, whole to the last, and a batch that has none is refused', async () => {
  const before = tf.memory().numTensors;
  const batches = [
    {
      x: tf.tensor2d([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      rate: tf.scalar(7),
    },
  ];
  const seen: unknown[] = [];
  for await (const shard of shards(batches, 2)()) {
    seen.push([shard.x.arraySync(), shard.rate.arraySync()]);
    tf.dispose(shard);
  }
  expect(seen).toEqual([
    [
      [
        [1, 2],
        [3, 4],
      ],
      7,
    ],
    [[[5, 6]], 7],
  ]);
  const odd = [{ x: tf.zeros([2]), y: tf.zeros([3]) }];
  expect(await refusalOf(shards(odd, 1)()[Symbol.asyncIterator]().next())).toContain('".x" has 2, ".y" has 3');
  tf.dispose([batches, odd]);
  expect(tf.memory().numTensors).toBe(before);
});

test('the loss of normalized logits has the sharpness of every scale of the last layer', async () => {
  const w = tf.tensor2d([
    [0.5, -1],
    [2, 0.25],
  ]);
  const wide = tf.mul(w, 8);
  const batches = [
    {
      x: tf.tensor2d([
        [1, 2],
        [-1, 1],
      ]),
      y: tf.tensor2d([
        [1, 0],
        [0, 1],
      ]),
    },
  ];
  const of = (v: tf.Tensor, rho: number) =>
    samSharpness(
      (at: tf.Tensor, { x, y }: (typeof batches)[number]) =>
        tf.neg(tf.mean(tf.sum(tf.mul(normalizeLogits(tf.matMul(x, at as tf.Tensor2D)), y), 1))),
      v,
      batches,
      { rho },
    );
  expect((await of(wide, 0.8)).value).toBeCloseTo((await of(w, 0.1)).value, 5);
  tf.dispose([w, wide, batches]);
});

test('the noise that costs a quarter of the accuracy is that of its quantile', async () => {
  // Right where w·x > 0, so wrong with the probability Φ(-1/σ), a quarter at σ = 1 / 0.6745.
  const right = (w: tf.Tensor, x: tf.Tensor) => tf.mean(tf.cast(tf.greater(tf.mul(w, x), 0), 'float32'));
  const [w, x] = [tf.tensor1d([1]), [tf.tensor1d([2])]];
  const found = await pacBayesSigma(right, w, x, { drop: 0.25, samples: 120, tolerance: 0.02, steps: 8 });
  expect(found.reached).toBe(true);
  expect(found.value).toBe(1 / found.sigma ** 2);
  expect(Math.abs(found.sigma - 1 / 0.6745)).toBeLessThan(0.4);
  const least = await pacBayesSigma(right, w, x, { drop: 0.9, steps: 4, samples: 20 });
  expect([least.reached, least.value, least.losses]).toEqual([false, null, 81]);
  tf.dispose([w, x]);
});
