import { aNumber, checkOptions, nonNegative, share, shown } from '@steppe/check';
import { addScaled, asScalar, minus, plus, pure, ratio, scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled, traitsOf } from '../links/check-link.ts';
import { checkOptimizer } from '../links/check-optimizer.ts';
import { type Count, increment, valueAt, zeroCount } from '../links/counted.ts';
import { transformation } from '../links/transformation.ts';

/** The state of schedule-free: z, which the optimizer moves, β, and how much x weighs so far. */
export type ScheduleFreeState<State extends Tree> = Count & {
  readonly z: Tree;
  readonly decay: Scalar;
  readonly weight: Scalar;
  readonly largestRate: Scalar;
  readonly optimizer: State;
};

export type ScheduleFreeOptions = {
  /** β in (0, 1], the share of the average in the point at which gradients are taken. @defaultValue 0.9 */
  readonly decay?: number;
  /** r: a step weighs as the power r of its learning rate, the largest so far. @defaultValue 2 */
  readonly weightPower?: number;
};

/** x of y = (1 - β)·z + β·x. */
const averageOf = <P extends Tree>(y: P, { z, decay }: { readonly z: Tree; readonly decay: Scalar }): P =>
  pure(() => addScaled(y, asScalar(tf.div(tf.sub(1, decay), decay)), minus(y, z)));

/**
 * Reads the weights to evaluate and to keep out of a run with `scheduleFree`: the average x = (y - (1 - β)·z)/β of the
 * weights y that are trained.
 *
 * @param params - y, the weights that the optimizer steps.
 * @param state - The state of `scheduleFree`; in a chain, its own part.
 * @throws When the state is of another optimizer.
 * @see optax.contrib.schedule_free_eval_params
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { applyUpdates, scheduleFree, scheduleFreeWeights, sgd } from '@steppe/transforms';
 * import { replace } from '@steppe/tree';
 *
 * const optimizer = scheduleFree(sgd(1), 1);
 * const gradient = () => ({ value: tf.scalar(0), grads: tf.scalar(1), aux: null }); // z falls by 1 at each step
 * const start = tf.scalar(0);
 * let carry = { y: start, state: optimizer.init(start) };
 * for (let step = 0; step < 3; step++)
 *   carry = replace(carry, ({ y, state }) => {
 *     const [{ grads }, next] = optimizer.update(gradient, state, y, null);
 *     return { y: applyUpdates(y, grads), state: next };
 *   });
 * console.log(scheduleFreeWeights(carry.y, carry.state).arraySync().toFixed(3)); // => -2.000
 * ```
 */
export function scheduleFreeWeights<P extends Tree>(params: P, state: ScheduleFreeState<Tree>): P {
  const { z, decay } = Object(state) as Partial<ScheduleFreeState<Tree>>;
  if (z === undefined || !(decay instanceof tf.Tensor))
    throw new Error(`The state must be that of scheduleFree, got ${shown(state)}: in a chain it is one of several.`);
  return averageOf(params, { z, decay });
}

/**
 * Wraps an optimizer so that it needs no falling schedule: it moves z, gradients are taken between z and the average of
 * all z, and the average is what is evaluated.
 *
 * y = (1 - β)·z + β·x, z ← z + optimizer(∇L(y)), x ← (1 - c)·x + c·z with c = γᵣ/Σγᵣ, γᵣ the power r of the largest learning
 * rate so far: a constant rate makes x the mean of all z. The weights that are trained are y, and
 * `scheduleFreeWeights(y, state)` is x; batch statistics are estimated anew there. It is a whole optimizer: nothing stands
 * behind it. The inner one has no momentum of its own (β is that): `sgd`, or `adam` with `b1: 0`. SAM stands inside or before it.
 * The weight of a step has the learning rate of that step, as in the paper; optax asks its schedule one step ahead.
 *
 * @param optimizer - Ends with its learning rate, constant but for a warm-up.
 * @param learningRate - The same as the optimizer's, by which the average weighs.
 * @throws When the optimizer is none or climbs, or an option is unknown or out of its range.
 * @see Defazio et al., The Road Less Scheduled, NeurIPS 2024, arXiv 2405.15682; optax.contrib.schedule_free.
 *
 * @example
 * ```ts
 * import { chain, samTransform, scheduleFree, sgd, warmup } from '@steppe/transforms';
 *
 * const rate = warmup(0.5, 100);
 * console.log(scheduleFree(chain(samTransform(0.05), sgd(rate)), rate).gradientCost); // => 2
 * ```
 */
export function scheduleFree<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
  learningRate: number | Schedule,
  options: ScheduleFreeOptions = {},
): GradientTransformation<ScheduleFreeState<State>, Seen> {
  checkOptimizer('optimizer', optimizer);
  checkScheduled('The learning rate', learningRate);
  checkOptions('scheduleFree', options, { decay: aNumber(share), weightPower: aNumber(nonNegative) });
  const { decay: beta = 0.9, weightPower = 2 } = options;
  return transformation({
    ...call('scheduleFree', optimizer, learningRate, options),
    ...traitsOf(optimizer),
    init: (params): ScheduleFreeState<State> => ({
      ...zeroCount(),
      z: params,
      decay: tf.scalar(beta),
      weight: tf.scalar(0),
      largestRate: tf.scalar(0),
      optimizer: optimizer.init(params),
    }),
    update(gradient, state, params, batch) {
      const [evaluation, inner] = optimizer.update(gradient, state.optimizer, params, batch);
      const largestRate = asScalar(tf.maximum(state.largestRate, valueAt(learningRate, state)));
      const own = asScalar(tf.pow(largestRate, weightPower));
      const weight = asScalar(tf.add(state.weight, own));
      const decay = tf.scalar(beta);
      const before = averageOf(params, { ...state, decay });
      const z = plus(state.z, evaluation.grads);
      const x = addScaled(before, ratio(own, weight), minus(z, before));
      const y = addScaled(scaled(x, decay), asScalar(tf.sub(1, decay)), z);
      const next = { ...increment(state), z, decay, weight, largestRate, optimizer: inner };
      return [{ ...evaluation, grads: minus(y, params) }, next];
    },
  });
}
