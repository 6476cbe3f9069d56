import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults } from '../../../tools/vitest/odd.ts';
import * as sharpness from '../src/index.ts';

type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };
type Params = { readonly kernel: tf.Tensor2D };

/** What users do themselves, of which they are told in their own words. */
const outputs = (given: Params, batch: Batch) => {
  const [kernel, x]: unknown[] = [Object(given).kernel, Object(batch).x];
  if (!(kernel instanceof tf.Tensor && x instanceof tf.Tensor && kernel.rank === 2 && x.rank === 2))
    throw new Error('This network takes { kernel } and { x }.');
  return tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
};
const ofOutputs = (f: tf.Tensor) => tf.mean(tf.square(f));
const loss = (params: Params, batch: Batch) => ofOutputs(outputs(params, batch));
const parts = { outputs, loss: ofOutputs };
const labels = (batch: Batch) => Object(batch).y as tf.Tensor;
const figure = (params: Params, batch: Batch) => tf.sigmoid(tf.mean(outputs(params, batch)));

const params = (): Params => ({
  kernel: tf.tensor2d([
    [1, -2],
    [0.5, 3],
  ]),
});
const point = (x: number): Params => ({
  kernel: tf.tensor2d([
    [x, x ** 2],
    [1, 2],
  ]),
});
const batches = (): readonly Batch[] => [
  {
    x: tf.tensor2d([
      [1, 2],
      [3, -1],
    ]),
    y: tf.tensor1d([0, 1], 'int32'),
  },
];
const pass = () => ({ signal: new AbortController().signal });
const ball = () => ({ rho: 0.1, p: 2, share: 'batch', scale: params(), ...pass() });
const climb = () => ({ iterations: 1, restarts: 0, key: key(0) });

const operator = () => sharpness.operatorOf(params(), ({ kernel }) => ({ kernel: tf.mul<tf.Tensor2D>(kernel, 2) }));
const top = await sharpness.topEigenvalues(operator(), { count: 2 });
const curve = {
  points: [0.1, 0.2].map((rho) => ({
    rho,
    rise: rho,
    standardError: null,
    resolution: 0,
    promised: rho,
    linearizationRatio: 1,
  })),
  loss: 1,
  p: 2,
  gradients: 1,
  losses: 2,
};
const bound = { worstLoss: 0.1, norm: 3, rho: 0.05, examples: 100, parameters: 10, delta: 0.1 };

const args: { readonly [name: string]: () => readonly unknown[] } = {
  adviseRho: () => [curve, { factor: 2 }],
  averageSharpness: () => [loss, params(), batches(), { rho: 0.1, samples: 2, key: key(0), ...pass() }],
  diagonal: () => [operator(), { samples: 2, key: key(0) }],
  drawLabels: () => [tf.ones([2, 3]), key(0)],
  effectiveDimension: () => [operator(), 1, { steps: 2, probes: 2, key: key(0) }],
  eigenvalueRatio: () => [{ values: top.values, bounds: top.bounds }, 2],
  featureRank: () => [outputs, params(), batches(), { shares: [0.9], ...pass() }],
  filterNormalized: () => [params(), params(), { vectors: 'zero' }],
  fisher: () => [parts, params(), batches(), pass()],
  fisherRaoNorm: () => [parts, params(), batches(), { layers: 1, ...pass() }],
  forgetting: () => [figure, params(), batches(), { step: (w: Params) => w, steps: 2, every: 1, ...pass() }],
  frobeniusNorm: () => [operator(), { samples: 2, key: key(0) }],
  gaussNewton: () => [parts, params(), batches(), pass()],
  hessian: () => [loss, params(), batches(), pass()],
  innerMaximum: () => [loss, params(), batches(), { ...ball(), ...climb() }],
  keskarSharpness: () => [loss, params(), batches(), { epsilon: 0.1, ...climb(), ...pass() }],
  lambdaMax: () => [operator(), { tolerance: 0.1, key: key(0) }],
  linspace: () => [0, 1, 3],
  lossBarrier: () => [loss, params(), params(), batches(), { points: 3, ...pass() }],
  lossCurve: () => [loss, params(), params(), batches(), { at: [0, 1], ...pass() }],
  lossSurface: () => [loss, params(), [params(), params()], batches(), { xs: [0], ys: [1], ...pass() }],
  magnitudes: () => [params(), 0.1],
  margins: () => [{ outputs, labels }, params(), batches(), { quantile: 0.1, ...pass() }],
  mSharpness: () => [loss, params(), batches(), { rho: 0.1, p: 2, sizes: [1], ...pass() }],
  noiseCurve: () => [figure, params(), batches(), { levels: [0.1], samples: 2, key: key(0), ...pass() }],
  normalizeLogits: () => [tf.ones([2, 3])],
  operatorOf: () => [params(), (v: Params) => v, {}],
  pacBayesBound: () => [params(), { sigma: 0.1, examples: 10, from: params() }],
  pacBayesSigma: () => {
    const search = { drop: 0.1, tolerance: 0.1, most: 2, steps: 2, samples: 2, magnitude: 0.001, key: key(0) };
    return [figure, params(), batches(), { ...search, ...pass() }];
  },
  pathNorm: () => [(w: Params) => outputs(w, { x: tf.ones([1, 2]), y: tf.zeros([1]) }), params()],
  preconditioned: () => [operator(), params()],
  principalAxes: () => [[point(1), point(3), point(4)], { origin: point(0), axes: 2 }],
  quantizationCurve: () => [figure, params(), batches(), { bits: [4], ...pass() }],
  quantize: () => [params(), 4, {}],
  randomDirection: () => [key(0), params(), { vectors: 'zero' }],
  relativeFlatness: () => [operator(), { layer: '.kernel', deviations: [1, 2], samples: 2, key: key(0) }],
  rhoCurve: () => [loss, params(), batches(), { rhos: [0.1], p: 2, share: 'all', scale: params(), ...pass() }],
  samCertificate: () => [loss, params(), batches(), { rho: 0.1, p: 2, order: 1, steps: 1, ...pass() }],
  samSharpness: () => [loss, params(), batches(), ball()],
  shards: () => [batches(), 1],
  spectralDensity: () => [operator(), { steps: 2, probes: 2, key: key(0) }],
  spectralNorm: () => [tf.ones([2, 2, 2, 2]), { grid: 4 }],
  theorem2Bound: () => [bound],
  theorem2Text: () => [sharpness.theorem2Bound(bound)],
  topEigenvalues: () => [operator(), { count: 1, which: 'largest', tolerance: 0.1, products: 4, key: key(0) }],
  trace: () => [operator(), { sketch: 1, samples: 2, key: key(0) }],
  weightNorms: () => [params(), { from: params(), grid: 4 }],
  worstCaseSharpness: () => [loss, params(), batches(), { ...ball(), ...climb() }],
};

const all: { readonly [name: string]: unknown } = sharpness;
type Make = (...args: unknown[]) => sharpness.SymmetricOperator<Params>;
const operators = new Set(['fisher', 'gaussNewton', 'hessian', 'operatorOf', 'preconditioned']);
/** An operator holds the parameters that it is given, and does its work at a product. */
const multiplied =
  (make: Make) =>
  async (...args: unknown[]) => {
    const { like, multiply } = make(...args);
    tf.dispose(await multiply(like));
  };
const calls: readonly Meant[] = Object.entries(args).map(([name, meant]) => ({
  name,
  call: operators.has(name) ? multiplied(all[name] as Make) : (all[name] as Meant['call']),
  args: meant,
}));

beforeAll(() => tf.setBackend('cpu'));

test('every function of the package is there', () => {
  const functions = Object.entries(all).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.toSorted()).toEqual(Object.keys(args).toSorted());
});

test.each(calls)('$name refuses odd arguments in one line, and leaves nothing', async (meant) => {
  expect((await oddFaults(meant)).join('\n')).toBe('');
});
