import { hvp, secondDerivativeError, valueAndGrad } from '@steppe/autograd';
import { key, normal } from '@steppe/random';
import { trainStep } from '@steppe/train';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type GradientTransformation,
  microBatch,
  samTransform,
  scaleBySchedule,
  trace,
} from '@steppe/transforms';
import { dispose, map, pure, type Tree } from '@steppe/tree';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, gradientCase, reals } from './case.ts';
import { batchOf, lossOf, problem } from './network.ts';

/** Trains for some steps, without a scope that would hide what a step leaves behind; gives the losses before and after
 * ε̂. */
function losses<State extends Tree>(optimizer: GradientTransformation<State>, steps: number): Tree {
  const { params, state, loss } = problem({ dropout: 0.1 });
  const step = trainStep(loss, optimizer);
  const told: { readonly loss: Scalar; readonly perturbed: Tensor | null }[] = [];
  let position = step.start(params, state, key(3));
  dispose(params, state);
  for (let i = 0; i < steps; i++) {
    const batch = batchOf(i);
    const { position: next, report } = step.update(position, batch);
    const { perturbedLoss = null, ...rest } = report.report;
    told.push({ loss: report.loss, perturbed: perturbedLoss });
    dispose(position, batch, rest, report.metrics);
    position = next;
  }
  dispose(position);
  return told;
}

/** The gradient of one batch through links of a chain. */
const gradient = <State extends Tree>(links: GradientTransformation<State>): Tree =>
  pure(() => {
    const network = problem();
    const [{ value, grads }] = links.update(
      valueAndGrad(lossOf(network)),
      links.init(network.params),
      network.params,
      batchOf(0),
    );
    return { value, grads };
  });

const paper = chain(
  samTransform(0.05),
  clipByGlobalNorm(5),
  addDecayedWeights(5e-4),
  trace(0.9, { nesterov: true }),
  scaleBySchedule(cosineDecay(-0.02, 10)),
);

const broadcasting: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  SquaredDifference: tf.squaredDifference,
};

/**
 * Training as a whole: ten steps of SAM on a WRN-10-1, both orders of SAM and micro-batches, exact second derivatives.
 *
 * Activations are smooth where numbers are compared after a step: a ReLU that two backends round to different sides of
 * zero is no error.
 */
export const trainingCases: readonly Case[] = [
  { name: 'ten steps of SAM on a WRN-10-1', tolerance: 1e-3, run: () => losses(paper, 10) },
  { name: 'a gradient of a WRN-10-1', tolerance: 1e-4, run: () => gradient(chain()) },
  {
    name: 'm-sharpness: SAM, then microBatch',
    tolerance: 1e-4,
    run: () => gradient(chain(samTransform(0.05), microBatch(4))),
  },
  {
    name: 'accumulation: microBatch, then SAM',
    tolerance: 1e-4,
    run: () => gradient(chain(microBatch(4), samTransform(0.05))),
  },
  { name: 'SAM for p = infinity', tolerance: 1e-3, run: () => gradient(samTransform(0.01, Number.POSITIVE_INFINITY)) },
  {
    name: 'a WRN-10-1 with relu',
    tolerance: 1e-4,
    run: () =>
      pure(() => {
        const network = problem({ activation: 'relu' });
        const { value, grads } = valueAndGrad(lossOf(network))(network.params, batchOf(0));
        return { value, grads };
      }),
  },
  {
    name: 'a WRN-10-1 that evaluates',
    tolerance: 1e-4,
    run: () =>
      pure(() => {
        const { model, params, state } = problem();
        return model.apply(params, state, batchOf(0).images, { training: false })[0];
      }),
  },
  {
    name: 'a Hessian times a vector',
    tolerance: 1e-3,
    run: () =>
      pure(() => {
        const network = problem();
        const v = map(network.params, (leaf) => normal(key(leaf.size), leaf.shape));
        return hvp(lossOf(network))(network.params, batchOf(0), v);
      }),
  },
  {
    name: 'the second derivatives of every rule',
    tolerance: 0,
    run: () => pure(() => tf.less(secondDerivativeError(), 1e-3)),
  },
  ...Object.entries(broadcasting).map(([name, f]) =>
    gradientCase(`${name}, broadcast, with its gradients`, [reals([3, 5, 7]), reals([5, 1])], f),
  ),
  gradientCase(
    'BatchMatMul, broadcast over a batch, with its gradients',
    [reals([3, 5, 9]), reals([9, 7])],
    (a: Tensor3D, b: Tensor2D) => tf.matMul(a, b),
  ),
];
