import { checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { addDecayedWeights } from '../links/add-decayed-weights.ts';
import { chain } from '../links/chain.ts';
import { checkLink, checkScheduled } from '../links/check-link.ts';
import type { Count } from '../links/counted.ts';
import { scale, scaleBySchedule } from '../links/scale.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { type AdamOptions, type AdamState, momentOptions } from './moments.ts';
import { scaleByAdam } from './scale-by-adam.ts';
import { scaleByBelief } from './scale-by-belief.ts';
import { type LionState, scaleByLion } from './scale-by-lion.ts';
import { type RmsState, scaleByRms } from './scale-by-rms.ts';
import { scaleByTrustRatio } from './scale-by-trust-ratio.ts';
import { type TraceState, trace } from './trace.ts';

/** Options that are spread, checked before: a number or a text would be spread into nothing. */
function record<Options extends object>(name: string, options: Options): Options {
  checkOptions(name, options, momentOptions);
  return options;
}

/** Gives a chain the name of the optimizer that it is. */
const named = <State extends Tree>(
  name: string,
  link: GradientTransformation<State>,
): GradientTransformation<State> => ({ ...link, name });

/** The last link of an optimizer: times minus the learning rate, a number or a schedule. */
function scaleByLearningRate(learningRate: number | Schedule): GradientTransformation<Count | null> {
  checkScheduled('The learning rate', learningRate);
  const link =
    typeof learningRate === 'number'
      ? scale(-learningRate)
      : scaleBySchedule(Object.assign((count: Scalar) => tf.neg(learningRate(count)), { sign: -1 as const }));
  // Not the sign of -0 or 0: a rate of 0 ends the chain too.
  return { ...link, sign: -1 };
}

/**
 * Makes gradient descent: `chain(scale(-learningRate))`.
 *
 * @example
 * ```ts
 * import { chain, samTransform, sgd } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), sgd(0.1)).gradientCost); // => 2
 * ```
 */
export function sgd(learningRate: number | Schedule): GradientTransformation<readonly [Count | null]> {
  return named('sgd', chain(scaleByLearningRate(learningRate)));
}

/**
 * Makes gradient descent with momentum: `chain(trace(decay, options), scale(-learningRate))`.
 *
 * @example
 * ```ts
 * import { cosineDecay, momentum } from '@steppe/transforms';
 *
 * console.log(momentum(cosineDecay(0.1, 1000), 0.9, { nesterov: true }).gradientCost); // => 1
 * ```
 */
export function momentum(
  learningRate: number | Schedule,
  decay = 0.9,
  options: { readonly nesterov?: boolean } = {},
): GradientTransformation<readonly [TraceState, Count | null]> {
  return named('momentum', chain(trace(decay, options), scaleByLearningRate(learningRate)));
}

/**
 * Makes Adam: `chain(scaleByAdam(options), scale(-learningRate))`.
 *
 * @see Kingma & Ba, ICLR 2015.
 *
 * @example
 * ```ts
 * import { adam } from '@steppe/transforms';
 *
 * console.log(adam(1e-3).gradientCost); // => 1
 * ```
 */
export function adam(
  learningRate: number | Schedule,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, Count | null]> {
  return named('adam', chain(scaleByAdam(options), scaleByLearningRate(learningRate)));
}

/**
 * Makes Adam with decoupled weight decay:
 * `chain(scaleByAdam(options), addDecayedWeights(weightDecay), scale(-learningRate))`.
 *
 * @see Loshchilov & Hutter, ICLR 2019.
 *
 * @example
 * ```ts
 * import { adamw } from '@steppe/transforms';
 *
 * console.log(adamw(1e-3, 0.01).gradientCost); // => 1
 * ```
 */
export function adamw(
  learningRate: number | Schedule,
  weightDecay = 1e-4,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, null, Count | null]> {
  return named('adamw', chain(scaleByAdam(options), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)));
}

/**
 * Puts SAM around any optimizer: `chain(samTransform(rho, p), optimizer)`.
 *
 * @see Foret et al., ICLR 2021, Algorithm 1.
 *
 * @example
 * ```ts
 * import { adamw, sam } from '@steppe/transforms';
 *
 * console.log(sam(adamw(1e-3), 0.05).gradientCost); // => 2
 * ```
 */
export function sam<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
  rho: Radius = 0.05,
  p = 2,
): GradientTransformation<readonly [Count, State], Seen> {
  checkLink('optimizer', optimizer);
  return chain(samTransform(rho, p), optimizer);
}

/**
 * Makes RMSProp: `chain(scaleByRms(options), scale(-learningRate))`.
 *
 * @see Tieleman & Hinton, 2012.
 *
 * @example
 * ```ts
 * import { rmsprop } from '@steppe/transforms';
 *
 * console.log(rmsprop(1e-3).gradientCost); // => 1
 * ```
 */
export function rmsprop(
  learningRate: number | Schedule,
  options: { readonly decay?: number; readonly epsilon?: number } = {},
): GradientTransformation<readonly [RmsState, Count | null]> {
  return named('rmsprop', chain(scaleByRms(options), scaleByLearningRate(learningRate)));
}

/**
 * Makes LAMB: `chain(scaleByAdam(options), addDecayedWeights(weightDecay), scaleByTrustRatio(), scale(-learningRate))`.
 *
 * @see You et al., ICLR 2020.
 *
 * @example
 * ```ts
 * import { lamb } from '@steppe/transforms';
 *
 * console.log(lamb(1e-3).gradientCost); // => 1
 * ```
 */
export function lamb(
  learningRate: number | Schedule,
  weightDecay = 0,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, null, null, Count | null]> {
  return named(
    'lamb',
    chain(
      scaleByAdam({ epsilon: 1e-6, ...record('lamb', options) }),
      addDecayedWeights(weightDecay),
      scaleByTrustRatio(),
      scaleByLearningRate(learningRate),
    ),
  );
}

/**
 * Makes Lion: `chain(scaleByLion(options), addDecayedWeights(weightDecay), scale(-learningRate))`.
 *
 * @param weightDecay - λ; 1e-3 unless given, as in optax.
 * @see Chen et al., NeurIPS 2023; optax.lion.
 *
 * @example
 * ```ts
 * import { lion } from '@steppe/transforms';
 *
 * console.log(lion(1e-4, 0.1).gradientCost); // => 1
 * ```
 */
export function lion(
  learningRate: number | Schedule,
  weightDecay = 1e-3,
  options: { readonly b1?: number; readonly b2?: number } = {},
): GradientTransformation<readonly [LionState, null, Count | null]> {
  return named('lion', chain(scaleByLion(options), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)));
}

/**
 * Makes AdaBelief: `chain(scaleByBelief(options), scale(-learningRate))`.
 *
 * @see Zhuang et al., NeurIPS 2020.
 *
 * @example
 * ```ts
 * import { adabelief } from '@steppe/transforms';
 *
 * console.log(adabelief(1e-3).gradientCost); // => 1
 * ```
 */
export function adabelief(
  learningRate: number | Schedule,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, Count | null]> {
  return named('adabelief', chain(scaleByBelief(options), scaleByLearningRate(learningRate)));
}
