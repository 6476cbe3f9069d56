import { readFileSync } from 'node:fs';
import { dispose, leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  amsgrad,
  applyUpdates,
  chain,
  type Evaluation,
  type GradientTransformation,
  linear,
  muon,
  polyak,
  prodigy,
  type ScheduleFreeState,
  samTransform,
  scheduleFree,
  scheduleFreeWeights,
  sgd,
  usam,
} from '../../src/index.ts';
import { numbers } from '../support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

type Leaves = { readonly [name: string]: readonly number[] };
type Made = {
  readonly steps: number;
  readonly shapes: { readonly [name: string]: number[] };
  readonly ends: { readonly [name: string]: Leaves };
};
/** Made by `tools/vectors/optimizers.py`, in float64, by optax and by the formulas of SAM-SPS. */
const made: Made = JSON.parse(readFileSync(new URL('../fixtures/optimizers.json', import.meta.url), 'utf8'));

/** The loss of that script at a step, by its parts: every leaf for itself, entry by entry. */
const entries = (size: number, f: (i: number) => number) => Array.from({ length: size }, (_, i) => f(i));
const start = (): Tree =>
  Object.fromEntries(
    Object.entries(made.shapes).map(([name, shape]) => [
      name,
      tf.tensor(
        entries(tf.util.sizeFromShape(shape), (i) => 1 - 0.1 * (i % 7)),
        shape,
      ),
    ]),
  );
const curvature = (i: number) => 0.5 + (i % 3);

function gradientAt(step: number) {
  return <P extends Tree>(w: P): Evaluation<P, null> => {
    let value = 0;
    const grads = map(w, (leaf) => {
      const x = [...leaf.dataSync()];
      const noise = (i: number) => 0.05 * Math.sin(0.7 * step + i);
      for (const [i, xi] of x.entries()) value += (curvature(i) * (xi - Math.cos(i)) ** 2) / 2 + noise(i) * xi;
      return tf.tensor(
        x.map((xi, i) => curvature(i) * (xi - Math.cos(i)) + noise(i)),
        leaf.shape,
      );
    });
    return { value: tf.scalar(value), grads, aux: null };
  };
}

/** What is read of the weights and the state after the steps. */
function endOf(
  optimizer: GradientTransformation<Tree>,
  read: (w: Tree, state: Tree) => Tree = (w) => w,
): readonly { readonly path: string; readonly end: number[] }[] {
  let w = start();
  let state = optimizer.init(w);
  for (let step = 0; step < made.steps; step++) {
    const [evaluation, next] = optimizer.update(gradientAt(step), state, w, null);
    const moved = applyUpdates(w, evaluation.grads);
    dispose(evaluation, state, w);
    [w, state] = [moved, next];
  }
  const at = read(w, state);
  const ends = leaves(at).map(({ path, leaf }) => ({ path: path.slice(1), end: numbers(leaf) }));
  dispose(w, state, at);
  return ends;
}

const average = (w: Tree, state: Tree) => scheduleFreeWeights(w, state as ScheduleFreeState<Tree>);
const warm = linear(0.01, 0.1, 9);
const adamWithoutMomentum = scheduleFree(adam(warm, { b1: 0 }), warm, { decay: 0.8, weightPower: 1.5 });

const OPTIMIZERS: {
  readonly [name: string]: readonly [GradientTransformation<Tree>, ((w: Tree, state: Tree) => Tree)?];
} = {
  amsgrad: [amsgrad(0.05)],
  'amsgrad, uncorrected': [amsgrad(0.05, { biasCorrection: false })],
  muon: [muon(0.02)],
  'muon, consistent, without Nesterov': [
    muon(0.03, { nesterov: false, consistentRms: 0.2, weightDecay: 0.3, decay: 0.8, steps: 3, rest: sgd(0.1) }),
  ],
  'scheduleFree of sgd': [scheduleFree(sgd(0.3), 0.3)],
  'scheduleFree of sgd, x': [scheduleFree(sgd(0.3), 0.3), average],
  'scheduleFree of a warm adam': [adamWithoutMomentum],
  'scheduleFree of a warm adam, x': [adamWithoutMomentum, average],
  prodigy: [prodigy(1, { firstDistance: 1e-2 })],
  'prodigy, all options': [
    prodigy(linear(1, 0, made.steps), {
      b1: 0.8,
      b2: 0.99,
      epsilon: 1e-3,
      firstDistance: 1e-4,
      coefficient: 0.5,
      weightDecay: 0.1,
      safeguardWarmup: true,
    }),
  ],
  polyak: [polyak({ lowerBound: -1, maxRate: 0.5 })],
  'polyak behind SAM': [chain(samTransform(0.3), polyak({ lowerBound: 1, maxRate: 0.3, weightDecay: 0.05 }))],
  'polyak behind USAM': [chain(usam(0.2), polyak({ lowerBound: 1 }))],
};

describe('over 50 steps and leaves of four shapes, in float64', () => {
  test('the script and this test know the same optimizers', () => {
    expect(Object.keys(OPTIMIZERS)).toEqual(Object.keys(made.ends));
  });

  test.each(Object.entries(OPTIMIZERS))('%s ends where it does', (name, [optimizer, read]) => {
    const wanted = made.ends[name] as Leaves;
    for (const { path, end } of endOf(optimizer, read))
      for (const [i, x] of (wanted[path] as readonly number[]).entries())
        expect(Math.abs((end[i] as number) - x), `${path}[${i}]: ${end[i]} for ${x}`).toBeLessThan(TOLERANCE);
  });
});

const TOLERANCE = 2e-5;
