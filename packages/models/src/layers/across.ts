import { trustSecondDerivative } from '@steppe/autograd';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

const NAME = 'MeanAcross';
// It is linear, and its gradient is itself.
trustSecondDerivative(NAME);

/**
 * Gives the mean over all workers of what each has, Σ nᵣ·xᵣ / Σ nᵣ: the same numbers on all of them.
 *
 * `meanAcross(world)` of `@steppe/distributed` makes it over MPI.
 *
 * @param values - What this worker has, xᵣ.
 * @param weight - How many numbers they stand for, nᵣ.
 */
export type MeanAcross = (values: Float32Array, weight: number) => Float32Array;

/** The workers over which the network that is applied right now takes its statistics. */
let current: MeanAcross | undefined;

/** Applies a network whose normalizations take their statistics over all workers. */
export function across<T>(mean: MeanAcross, apply: () => T): T {
  const outer = current;
  current = mean;
  try {
    return apply();
  } finally {
    current = outer;
  }
}

/**
 * The mean of statistics over the workers, as an operation with a gradient of every order; undefined where a network
 * runs by itself.
 *
 * Gradients are of the mean of all workers' losses by the same weights, as `allReduceMean` takes it: then the operation
 * is its own adjoint.
 */
export function acrossWorkers(weight: number): ((statistic: Tensor1D) => Tensor1D) | undefined {
  const mean = current;
  if (mean === undefined) return undefined;
  const operation: (x: Tensor) => Tensor = tf.customGrad((x) => ({
    value: tf.tensor1d(mean((x as Tensor).dataSync<'float32'>(), weight)),
    gradFunc: (dy: Tensor) => average(dy),
  }));
  const average = (x: Tensor): Tensor => tf.tidy(NAME, () => operation(x));
  return (statistic) => average(statistic) as Tensor1D;
}
