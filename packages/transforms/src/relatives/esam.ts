import { aNumber, checkFunction, checkOptions, share } from '@steppe/check';
import { bernoulli, foldIn, key, split } from '@steppe/random';
import { fillLike, scaled, type Tree, times } from '@steppe/tree';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule, Select } from '../contract.ts';
import { call } from '../links/call.ts';
import { increment, valueAt, zeroCount } from '../links/counted.ts';
import { exampleCount, isExamples, mapExamples } from '../links/examples.ts';
import { transformation } from '../links/transformation.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { ascent } from '../sam/epsilon-hat.ts';
import { checkRho } from '../sam/sam-transform.ts';
import { checkSeed, type RandomState } from './random.ts';

export type EsamOptions<Params extends Tree, Batch extends Tree> = {
  /** The loss of every example, `[batch]`: what the sharp examples are chosen by. It must be the loss whose mean is
   * differentiated. In `trainStep` the batch is a `StepBatch`: `(params, { batch, key, state }) => …`. */
  readonly exampleLoss: (params: Params, batch: Batch) => Tensor1D;
  /** Chooses the tensors of the batch that are no list of examples, such as class weights: they are passed on whole, as
   * scalars are. */
  readonly shared?: Select;
  /** β in (0, 1], the share of the weights that is perturbed. @defaultValue 0.6 */
  readonly beta?: number;
  /** γ in (0, 1], the share of the examples that the second gradient is taken of. @defaultValue 0.5 */
  readonly gamma?: number;
  /** Of the random choice of weights. @defaultValue 0 */
  readonly seed?: number;
};

/** ε̂ on a random share β of the weights, divided by β, so that its mean is ε̂. */
function thinned<P extends Tree>(epsilon: P, state: RandomState, beta: number): P {
  if (beta === 1) return epsilon;
  const [now] = split(state.key);
  const chosen = fillLike(epsilon, (shape, i) => bernoulli(foldIn(now, i), beta, shape));
  return scaled(times(epsilon, chosen), 1 / beta);
}

/**
 * Makes efficient SAM, which perturbs a random share of the weights and takes the second gradient of the sharpest
 * examples only, those whose loss rises most from w to w + ε.
 *
 * It costs 1 + γ gradients (⌈γ·n⌉ of n examples) and two passes forward for the losses of the examples. ε ← mask·ε̂/β,
 * mask ~ Bernoulli(β), p = 2; the report's `perturbedLoss` is that of the sharp examples.
 *
 * In `trainStep` of `@steppe/train` it sees the step's batch, `{ batch, key, state }`, and its type says so: one that
 * expects the bare batch does not compile there. The second gradient has the same key and state.
 *
 * @param rho - As for `samTransform`, without groups.
 * @throws When beta or gamma is outside of (0, 1], or rho is negative; at an update, when `exampleLoss` gives no
 * `[batch]`.
 * @see Du et al., Efficient Sharpness-Aware Minimization for Improved Training of Neural Networks, ICLR 2022, Algorithm
 * 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { esam } from '@steppe/transforms';
 *
 * const exampleLoss = (w: tf.Tensor, x: tf.Tensor1D) => tf.square(tf.mul(w, x)) as tf.Tensor1D;
 * const link = esam(0.1, { exampleLoss, gamma: 0.5, beta: 1 });
 * const gradient = (w: tf.Tensor, x: tf.Tensor1D) => ({
 *   value: tf.mean<tf.Scalar>(exampleLoss(w, x)),
 *   grads: tf.mul(tf.mul(2, w), tf.mean(tf.square(x))),
 *   aux: null,
 * });
 * const w = tf.scalar(1);
 * const [{ grads }] = link.update(gradient, link.init(w), w, tf.tensor1d([1, 3]));
 * console.log(grads.dataSync()[0]?.toFixed(1)); // => 19.8
 * ```
 */
export function esam<Params extends Tree, Examples extends Tree>(
  rho: number | Schedule,
  options: EsamOptions<Params, Examples>,
): GradientTransformation<RandomState, Examples> {
  checkRho(rho);
  checkOptions('esam', options, {
    exampleLoss: checkFunction,
    beta: aNumber(share),
    gamma: aNumber(share),
    seed: checkSeed,
    shared: checkFunction,
  });
  const { exampleLoss, beta = 0.6, gamma = 0.5, seed = 0, shared } = options;
  checkFunction('exampleLoss', exampleLoss);
  return transformation({
    ...call('esam', rho, { exampleLoss, beta, gamma, seed, ...(shared && { shared }) }),
    uphill: true,
    gradientCost: 1 + gamma,
    init: (): RandomState => ({ ...zeroCount(), key: key(seed) }),
    update(gradient, state, params, batch) {
      const { whole = (all: Tree) => all } = gradient;
      const lossesOf = (at: typeof params): Tensor1D => exampleLoss(whole(at) as Params, batch);
      const radius = valueAt(rho, state);
      const clean = gradient(params, batch);
      const epsilon = thinned(ascent(clean.grads, radius, 2).epsilon, state, beta);
      const worst = applyUpdates(params, epsilon);
      const rise: Tensor = tf.sub(lossesOf(worst), lossesOf(params));
      const chosen = isExamples('esam', batch, shared);
      const examples = exampleCount('esam', batch, chosen);
      if (rise.rank !== 1 || rise.shape[0] !== examples)
        throw new Error(`exampleLoss must give the loss of every example, [${examples}], got [${rise.shape}].`);
      // Less a rounding error: 0.07·100 is a little more than 7.
      const count = Math.ceil(gamma * rise.size - 1e-9);
      const indices = tf.topk(rise, count).indices as Tensor1D;
      const sharpest = count === rise.size ? batch : mapExamples(batch, chosen, (leaf) => tf.gather(leaf, indices));
      const perturbed = gradient(worst, sharpest);
      const report = { ...clean.report, perturbedLoss: perturbed.value, rho: radius };
      const [, next] = split(state.key);
      return [
        { ...clean, grads: perturbed.grads, report },
        { ...increment(state), key: next },
      ];
    },
  });
}
