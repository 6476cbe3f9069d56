import { readFileSync } from 'node:fs';
import { dispose, map2, pure, sum, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { applyUpdates, type Evaluation, type GradientTransformation } from '../../src/index.ts';
import { numbers } from './trees.ts';
import { expectPath } from './vectors.ts';

type Path = readonly (readonly number[])[];
type Nested = readonly [kernel: number[][], bias: number[]];

/** Made by tools/vectors/other-epsilon.py from the papers' formulas, in float64. */
const fixture: {
  readonly problem: { readonly a: Nested; readonly w: Nested; readonly c: number; readonly batches: readonly number[] };
  readonly paths: { readonly [name: string]: Path };
} = JSON.parse(readFileSync(new URL('../fixtures/other-epsilon.json', import.meta.url), 'utf8'));

type Weights = { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };

const planted = ([kernel, bias]: Nested): Weights => ({ kernel: tf.tensor2d(kernel), bias: tf.tensor1d(bias) });

/** The batches of the paths that have some: numbers that the curvature is multiplied by. */
export const { batches } = fixture.problem;

/** The gradient of L(w) = Σ b·aᵢ·wᵢ²/2 + c·sin(3wᵢ), the loss of the fixture. */
const gradient = (w: Weights, batch: tf.Tensor): Evaluation<Weights, null> =>
  pure(() => {
    const { a, c } = fixture.problem;
    const bent = map2(w, planted(a), (x, curvature) => tf.mul(batch, tf.mul(x, curvature)));
    const terms = map2(bent, w, (slope, x) => tf.add(tf.mul(tf.mul(slope, x), 0.5), tf.mul(tf.sin(tf.mul(x, 3)), c)));
    return {
      value: sum(terms),
      grads: map2(bent, w, (slope, x) => tf.add(slope, tf.mul(tf.cos(tf.mul(x, 3)), 3 * c))),
      aux: null,
    };
  });

/** The weights after each of six steps, on one batch after another; its own batch is 1. */
function walk(optimizer: GradientTransformation<Tree>, batchAt: (step: number) => tf.Tensor): number[][] {
  let w = planted(fixture.problem.w);
  let state = optimizer.init(w);
  const path = Array.from({ length: 6 }, (_, step) => {
    const batch = batchAt(step);
    const [evaluation, next] = optimizer.update(gradient, state, w, batch);
    const moved = applyUpdates(w, evaluation.grads);
    dispose(evaluation, state, w, batch);
    [w, state] = [moved, next];
    return numbers(w);
  });
  dispose(w, state);
  return path;
}

/** Expects an optimizer to go where the independent script went. */
export function expectReference(
  name: string,
  optimizer: GradientTransformation<Tree>,
  batchAt: (step: number) => tf.Tensor = () => tf.scalar(1),
): void {
  const wanted = fixture.paths[name];
  if (wanted === undefined) throw new Error(`The fixture has no path "${name}".`);
  expectPath(walk(optimizer, batchAt), wanted);
}
