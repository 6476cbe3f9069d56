import { aNumber, belowOne, type Check, checkOptions, nonNegative } from '@steppe/check';
import { asScalar, decayed, map2, type Tree, zerosLike } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from '../links/call.ts';
import { type Count, increment, zeroCount } from '../links/counted.ts';
import { stateful } from '../links/lift.ts';

/** The moments of Adam, each with the structure of the parameters. */
export type AdamState = Count & { readonly mean: Tree; readonly meanSquare: Tree };

export type AdamOptions = {
  /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
  readonly b1?: number;
  /** Decay of the mean of squares, in [0, 1). @defaultValue 0.999 */
  readonly b2?: number;
  /** Added to the root of the mean square. @defaultValue 1e-8; 1e-16 for AdaBelief, 1e-6 for LAMB */
  readonly epsilon?: number;
};

/** The checks of what Adam and its like take. */
export const momentOptions: Record<'b1' | 'b2' | 'epsilon', Check> = {
  b1: aNumber(belowOne),
  b2: aNumber(belowOne),
  epsilon: aNumber(nonNegative),
};

/** 1 - βᵗ, by which an exponential mean that started at zero is too small after t terms. */
export const biasCorrection = (decay: number, { count }: Count): Scalar =>
  asScalar(tf.sub(1, tf.pow(tf.scalar(decay), tf.cast(count, 'float32'))));

/**
 * Makes a link of (m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε) with m the mean of gradients: Adam and AdaBelief differ in what v is
 * the mean of.
 *
 * @param next - Gives the next v from the one before, the gradients, their next mean, and the options with their
 * defaults.
 */
export function quotientOfMoments(
  name: string,
  given: AdamOptions,
  next: (v: Tree, grads: Tree, mean: Tree, options: Required<AdamOptions>) => Tree,
  usualEpsilon = 1e-8,
): GradientTransformation<AdamState> {
  checkOptions(name, given, momentOptions);
  const { b1 = 0.9, b2 = 0.999, epsilon = usualEpsilon } = given;
  return stateful(
    (params): AdamState => ({ ...zeroCount(), mean: zerosLike(params), meanSquare: zerosLike(params) }),
    (grads, state) => {
      const count = increment(state);
      const mean = decayed(state.mean, grads, b1);
      const meanSquare = next(state.meanSquare, grads, mean, { b1, b2, epsilon });
      const [meanScale, squareScale] = [biasCorrection(b1, count), biasCorrection(b2, count)];
      const unbiased = map2(grads, mean, (_, m) => tf.div(m, meanScale));
      const updates = map2(unbiased, meanSquare, (m, v) => tf.div(m, tf.add(tf.sqrt(tf.div(v, squareScale)), epsilon)));
      return [updates, { ...count, mean, meanSquare }];
    },
    call(name, given),
  );
}
