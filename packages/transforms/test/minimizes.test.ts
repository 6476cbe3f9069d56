import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adabelief,
  adam,
  amsgrad,
  applyUpdates,
  averageWeights,
  chain,
  cosineDecay,
  decoupledWsam,
  entropySgd,
  esam,
  friendlySam,
  type GradientFn,
  type GradientTransformation,
  gsam,
  interval,
  lamb,
  lion,
  lookahead,
  lookSam,
  masked,
  microBatch,
  momentumSam,
  muon,
  partition,
  polyak,
  prodigy,
  random,
  rhoFromLearningRate,
  rmsprop,
  samTransform,
  scheduleFree,
  skipNonFinite,
  usam,
  vasso,
  wsam,
  xsam,
} from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Point = tf.Tensor;
type Weights = tf.Tensor1D;

/** A loss over two numbers as a gradient function: examples weigh alike, so the loss of the batch is that of each. */
type Problem = {
  readonly start: readonly [number, number];
  readonly loss: (x: number, y: number) => number;
  readonly gradient: GradientFn<Point, Weights, null>;
  readonly exampleLoss: (w: Point, batch: Weights) => tf.Tensor1D;
};

function problem(
  start: readonly [number, number],
  loss: (x: number, y: number) => number,
  grad: (x: number, y: number) => [number, number],
  hessian: (x: number, y: number) => [number, number, number],
): Problem {
  const numbers = (w: Point): [number, number] => {
    const [x = Number.NaN, y = Number.NaN] = w.dataSync();
    return [x, y];
  };
  const evaluate = (w: Point) => ({
    value: tf.scalar(loss(...numbers(w))),
    grads: tf.tensor1d(grad(...numbers(w))) as Point,
    aux: null,
  });
  const hvp = (w: Point, _: Weights, v: Point) => {
    const [xx, xy, yy] = hessian(...numbers(w));
    const [a, b] = numbers(v);
    return tf.tensor1d([xx * a + xy * b, xy * a + yy * b]) as Point;
  };
  return {
    start,
    loss,
    gradient: Object.assign(evaluate, { hvp }),
    exampleLoss: (w, batch) => tf.mul(batch, loss(...numbers(w))),
  };
}

const quadratic = problem(
  [1, 1],
  (x, y) => 0.5 * (x * x + 100 * y * y),
  (x, y) => [x, 100 * y],
  () => [1, 0, 100],
);

/** With the reference vectors' curvature of 5: its valley is long enough to stop what goes astray, and short enough for
 * a test. */
const rosenbrock = problem(
  [-1.2, 1],
  (x, y) => (1 - x) ** 2 + 5 * (y - x * x) ** 2,
  (x, y) => [-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)],
  (x, y) => [2 - 20 * (y - 3 * x * x), -20 * x, 10],
);

/** The loss at the end, over the loss at the start. */
function leftOver(optimizer: GradientTransformation<Tree, Weights>, { start, loss, gradient }: Problem): number {
  const batch: Weights = tf.tensor1d([1, 1]);
  let w: Point = tf.tensor1d([...start]);
  let state = optimizer.init(w);
  for (let step = 0; step < STEPS; step++) {
    const [evaluation, next] = optimizer.update(gradient, state, w, batch);
    const moved = applyUpdates(w, evaluation.grads);
    dispose(evaluation, state, w);
    [w, state] = [moved, next];
  }
  const [x = Number.NaN, y = Number.NaN] = w.dataSync();
  dispose(w, state, batch);
  return loss(x, y) / loss(...start);
}

const STEPS = 100;
const rate = cosineDecay(0.3, STEPS);
const RHO = 0.02;
const first = (path: string) => path === '';

const optimizers: { readonly [name: string]: (of: Problem) => GradientTransformation<Tree, Weights> } = {
  adam: () => adam(rate),
  SAM: () => chain(samTransform(RHO), adam(rate)),
  'SAM, p = 1': () => chain(samTransform(RHO, 1), adam(rate)),
  'SAM, p = ∞': () => chain(samTransform(RHO, Number.POSITIVE_INFINITY), adam(rate)),
  'SAM of order 2': () => chain(samTransform(RHO, 2, { order: 2 }), adam(rate)),
  'SAM of order 2, p = 3': () => chain(samTransform(RHO, 3, { order: 2 }), adam(rate)),
  'SAM of two steps': () => chain(samTransform(RHO, 2, { steps: 2 }), adam(rate)),
  'adaptive SAM': () => chain(samTransform(RHO, 2, { adaptive: {} }), adam(rate)),
  'adaptive SAM by layer': () => chain(samTransform(RHO, 2, { adaptive: { by: 'layer' } }), adam(rate)),
  'm-sharpness': () => chain(samTransform(RHO), microBatch(1), adam(rate)),
  interval: () => chain(interval(3, samTransform(RHO)), adam(rate)),
  usam: () => chain(usam(1e-4), adam(rate)),
  gsam: () => {
    const rho = rhoFromLearningRate(rate, { rho: [0, RHO], learningRate: [0, 0.3] });
    return chain(gsam(rho, 0.1), adam(rate));
  },
  wsam: () => chain(wsam(RHO, 0.6), adam(rate)),
  decoupledWsam: () => decoupledWsam(adam(rate), RHO, 0.3, 1e-4),
  lookSam: () => chain(lookSam(3, RHO, 0.1), adam(rate)),
  friendlySam: () => chain(friendlySam(RHO), adam(rate)),
  vasso: () => chain(vasso(RHO, 0.4), adam(rate)),
  esam: ({ exampleLoss }) => chain(esam(RHO, { exampleLoss, gamma: 0.5 }), adam(rate)),
  momentumSam: () => chain(momentumSam(RHO / 2, 0.3), adam(rate)),
  xsam: () => chain(xsam(RHO, { alphas: [0.5, 1, 1.5], probeEvery: 10 }), adam(rate)),
  random: () => chain(random(RHO, 1), adam(rate)),
  entropySgd: () => chain(entropySgd({ steps: 4, stepSize: 1e-3, gamma: 1 }), adam(rate)),
  lookahead: () => lookahead(adam(rate), 5, 0.8),
  averageWeights: () => chain(adam(rate), averageWeights()),
  masked: () => chain(masked(samTransform(RHO), first), adam(rate)),
  partition: () => partition({ all: { select: first, link: chain(samTransform(RHO), adam(rate)) } }),
  skipNonFinite: () => skipNonFinite(chain(samTransform(RHO), adam(rate))),
  adabelief: () => chain(samTransform(RHO), adabelief(rate)),
  rmsprop: () => chain(samTransform(RHO), rmsprop(cosineDecay(0.1, STEPS))),
  lamb: () => chain(samTransform(RHO), lamb(cosineDecay(0.3, STEPS))),
  lion: () => chain(samTransform(RHO), lion(cosineDecay(0.05, STEPS))),
  AdaSAM: () => chain(samTransform(RHO), amsgrad(cosineDecay(1, STEPS))),
  muon: () => chain(samTransform(RHO), muon(rate, { select: first, decay: 0.8 })),
  scheduleFree: () => chain(samTransform(RHO), scheduleFree(adam(0.3, { b1: 0 }), 0.3)),
  prodigy: () => chain(samTransform(RHO), prodigy(cosineDecay(1, STEPS), { firstDistance: 0.01 })),
  'SAM-SPS': () => chain(samTransform(RHO), polyak()),
};

describe.each([
  ['an ill-conditioned quadratic', quadratic],
  ['Rosenbrock', rosenbrock],
])('%s is minimized, to a neighborhood, by', (_, of) => {
  test.each(Object.keys(optimizers))('%s', (name) => {
    const optimizer = optimizers[name]?.(of);
    const left = optimizer ? leftOver(optimizer, of) : Number.NaN;
    expect(left).toBeLessThan(0.01);
  });
});
