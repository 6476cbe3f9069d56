import { trustSecondDerivative } from '@steppe/autograd';
import { ioCallback, type Run } from '@steppe/kernels';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

const name = 'MeanAcross';
// It is linear, and its gradient is itself.
trustSecondDerivative(name);

/**
 * Gives the mean over all workers of what each has, Σ nᵣ·xᵣ / Σ nᵣ: the same numbers on all of them.
 *
 * `meanAcross(world)` of `@steppe/distributed` makes it over MPI.
 *
 * @param values - What this worker has, xᵣ.
 * @param weight - How many numbers they stand for, nᵣ.
 */
export type MeanAcross = (values: Float32Array, weight: number) => Float32Array;

/** Averages a statistic; the same function at each step, since a captured one calls it again. */
type Averages = Run<number>;

/** How a network with this mean averages its statistics. */
export const averagesOf =
  (mean: MeanAcross): Averages =>
  ([statistic], weight) => [tf.tensor1d(mean((statistic as Tensor).dataSync<'float32'>(), weight))];

/** The workers over which the network that is applied right now takes its statistics. */
let current: Averages | undefined;

/** Applies a network whose normalizations take their statistics over all workers. */
export function across<T>(averages: Averages, apply: () => T): T {
  const outer = current;
  current = averages;
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
  const run = current;
  if (run === undefined) return undefined;
  const operation: (x: Tensor) => Tensor = tf.customGrad((x) => ({
    value: ioCallback({ name, run, inputs: [x as Tensor], about: weight, results: [x as Tensor] })[0] as Tensor,
    gradFunc: (dy: Tensor) => average(dy),
  }));
  const average = (x: Tensor): Tensor => tf.tidy(name, () => operation(x));
  return (statistic) => average(statistic) as Tensor1D;
}
