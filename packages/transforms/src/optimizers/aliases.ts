import { checkOptions } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { addDecayedWeights } from '../links/add-decayed-weights.ts';
import { chain } from '../links/chain.ts';
import { checkLink } from '../links/check-link.ts';
import type { Count } from '../links/counted.ts';
import type { Radius } from '../sam/ball.ts';
import { samTransform } from '../sam/sam-transform.ts';
import { named, scaleByLearningRate } from './learning-rate.ts';
import { type AdamOptions, type AdamState, momentOptions } from './moments.ts';
import { scaleByAdam } from './scale-by-adam.ts';
import { type AmsgradOptions, type AmsgradState, scaleByAmsgrad } from './scale-by-amsgrad.ts';
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
  if ('minimize' in Object(optimizer))
    throw new Error('optimizer is one of TensorFlow.js: write one of this package, such as adam(1e-3).');
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

/**
 * Makes AMSGrad: `chain(scaleByAmsgrad(options), scale(-learningRate))`; behind `samTransform` it is AdaSAM.
 *
 * @see Reddi et al., ICLR 2018; Sun et al., AdaSAM, 2023, arXiv 2303.00565; optax.amsgrad.
 *
 * @example
 * ```ts
 * import { amsgrad, chain, samTransform } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), amsgrad(1e-3)).gradientCost); // => 2
 * ```
 */
export function amsgrad(
  learningRate: number | Schedule,
  options: AmsgradOptions = {},
): GradientTransformation<readonly [AmsgradState, Count | null]> {
  return named('amsgrad', chain(scaleByAmsgrad(options), scaleByLearningRate(learningRate)));
}
