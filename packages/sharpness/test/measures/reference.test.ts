import { hvp } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  averageSharpness,
  featureRank,
  fisherRaoNorm,
  keskarSharpness,
  magnitudes,
  margins,
  operatorOf,
  pathNorm,
  relativeFlatness,
  samSharpness,
  spectralNorm,
  weightNorms,
  worstCaseSharpness,
} from '../../src/index.ts';
import {
  type Batch,
  crossEntropy,
  features,
  logits,
  loss,
  type Params,
  reference,
  referenceBatches,
  referenceParams,
} from '../support/network.ts';

let params: Params;
let batches: Batch[];
let scale: Params;
beforeAll(async () => {
  await tf.setBackend('cpu');
  params = referenceParams();
  batches = referenceBatches(12);
  scale = magnitudes(params);
});
afterAll(() => tf.dispose([params, batches, scale]));

const { rho } = reference;
const kinds = () => [['plain', {}] as const, ['adaptive', { scale }] as const];
/** Up to some parts in a million of the reference, which is float64. */
const near = (found: number, wanted: number, parts = 30) =>
  expect(Math.abs(found / wanted - 1)).toBeLessThan(parts * 1e-6);

describe.each(Object.keys(reference.sam))('the network of the reference, p = %s', (name) => {
  const p = Number(name);

  test('one step of SAM raises the loss as in float64', async () => {
    for (const [kind, options] of kinds()) {
      const found = await samSharpness(loss, params, batches, { rho, p, ...options });
      near(found.value, reference.sam[name]?.[kind].value as number);
      near(found.promised, reference.sam[name]?.[kind].promised as number);
      near(found.loss, reference.loss);
    }
  });

  test('the worst point is as high as conditional gradients from 300 starts find', async () => {
    for (const [kind, options] of kinds()) {
      const { value } = await worstCaseSharpness(loss, params, batches, {
        rho,
        p,
        // The projection for a general p takes a bisection on every step.
        iterations: p === 1.5 ? 7 : 20,
        restarts: p === 1.5 ? 0 : p < Number.POSITIVE_INFINITY ? 1 : 2,
        ...options,
      });
      expect(value / (reference.worst[name]?.[kind] as number)).toBeGreaterThan(
        p < Number.POSITIVE_INFINITY ? 0.99 : 0.97,
      );
      expect(value / (reference.worst[name]?.[kind] as number)).toBeLessThan(1.001);
    }
  });
});

test('adaptive sharpness is that of an ascent in the weights with a projection on the ellipsoid', async () => {
  const { value } = await worstCaseSharpness(loss, params, batches, { rho, scale });
  near(value, reference.worstInEllipsoid, 5000);
});

test('m-sharpness by halves is the mean of both, with their standard error', async () => {
  const halves = referenceBatches(6);
  const { value, values, standardError } = await samSharpness(loss, params, halves, { rho });
  const [first, second] = reference.samByHalves as readonly [number, number];
  near(values[0] as number, first);
  near(values[1] as number, second);
  near(value, (first + second) / 2);
  near(standardError as number, Math.abs(first - second) / 2, 300);
  const shared = await samSharpness(loss, params, halves, { rho, share: 'all' });
  near(shared.value, reference.sam['2']?.plain.value as number);
  expect([shared.standardError, shared.gradients, shared.losses]).toEqual([null, 1, 1]);
  tf.dispose(halves);
});

test('average-case sharpness is the mean of 400,000 draws, and its standard error theirs', async () => {
  for (const [kind, options] of kinds()) {
    const found = await averageSharpness(loss, params, batches, { rho: 0.2, samples: 64, ...options });
    const wanted = reference.average[kind];
    expect(Math.abs(found.value - wanted.value)).toBeLessThan(3.5 * (found.standardError as number));
    expect((found.standardError as number) / (wanted.deviation / 8)).toBeCloseTo(1, 0);
  }
});

test('Keskar’s sharpness is that of its box, up to corners that one climb does not find', async () => {
  const { value } = await keskarSharpness(loss, params, batches, { epsilon: 0.1 });
  expect(value / reference.keskar).toBeGreaterThan(0.95);
  expect(value / reference.keskar).toBeLessThan(1.001);
});

test('relative flatness is exact by all products, and estimated within its standard error', async () => {
  const operator = operatorOf(params, (v) => hvp(loss)(params, batches[0] as Batch, v));
  const exact = await relativeFlatness(operator, { layer: '.head', samples: 'all' });
  near(exact.value, reference.relativeFlatness);
  expect(exact.products).toBe(15);
  const { deviations } = reference;
  const ofNeurons = await relativeFlatness(operator, { layer: '.head', samples: 'all', deviations });
  near(ofNeurons.value, reference.relativeFlatnessOfNeurons);
  const guess = await relativeFlatness(operator, { layer: '.head', samples: 60, deviations });
  expect(Math.abs(guess.value - ofNeurons.value)).toBeLessThan(3 * (guess.standardError as number));
  expect(guess.standardError).toBeLessThan(0.3 * ofNeurons.value);
});

test('the Fisher-Rao and path norms are those of the formulas', async () => {
  const parts = { outputs: logits, loss: crossEntropy };
  near((await fisherRaoNorm(parts, params, batches, { layers: 2 })).value, reference.fisherRao);
  const halves = referenceBatches(6);
  near((await fisherRaoNorm(parts, params, halves, { layers: 2 })).value, reference.fisherRao);
  tf.dispose(halves);
  const relu = ({ hidden, hiddenBias, head, headBias }: Params) =>
    tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(tf.ones([1, 4]), hidden), hiddenBias)), head), headBias);
  near((await pathNorm(relu, params)).value, reference.pathNorm);
});

test('margins are in rising order, and their quantile that of NumPy', async () => {
  const some = referenceBatches(5);
  const found = await margins({ outputs: logits, labels: ({ y }: Batch) => y }, params, some);
  for (const [i, margin] of reference.margins.entries()) expect(found.values[i]).toBeCloseTo(margin, 5);
  near(found.value, reference.margin, 100);
  expect(found.errorRate).toBeCloseTo(reference.margins.filter((margin) => margin <= 0).length / 12, 10);
  tf.dispose(some);
});

test('the variances of features are the eigenvalues of their covariance, however the examples are cut', async () => {
  const some = referenceBatches(5);
  const { variances, ranks, units } = await featureRank(features, params, some, { shares: [0.5, 0.9, 1] });
  for (const [i, variance] of reference.variances.entries()) expect(variances[i]).toBeCloseTo(variance, 6);
  const total = reference.variances.reduce((sum, v) => sum + v, 0);
  const rankOf = (share: number) => {
    let sum = 0;
    return reference.variances.filter((v) => {
      const open = sum < share * total * (1 - 1e-9);
      sum += v;
      return open;
    }).length;
  };
  expect(ranks.map(({ rank }) => rank)).toEqual([0.5, 0.9, 1].map(rankOf));
  expect(units).toBe(5);
  tf.dispose(some);
});

test('spectral norms are those of NumPy: by its SVD, and of a convolution by its FFT, on even and odd grids', async () => {
  near(await spectralNorm(params.hidden), reference.spectral.hidden);
  const { layers } = await weightNorms(params);
  expect(layers.map(({ path }) => path)).toEqual(['.hidden', '.head']);
  near(layers[1]?.spectral as number, reference.spectral.head);
  const { shape, values } = reference.conv;
  const kernel = tf.tensor4d(values, shape);
  near(await spectralNorm(kernel, { grid: 8 }), reference.conv['8']);
  near(await spectralNorm(kernel, { grid: 7 }), reference.conv['7']);
  kernel.dispose();
});
