import { aNumber, checkOptions, nonNegative, oneOf, positive } from '@steppe/check';
import {
  addScaled,
  asScalar,
  decayed,
  dot,
  map2,
  minus,
  norm,
  ratio,
  scaled,
  type Tree,
  times,
  zerosLike,
} from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkScheduled } from '../links/check-link.ts';
import { increment, valueAt, zeroCount } from '../links/counted.ts';
import { stateful } from '../links/lift.ts';
import { type AdamOptions, type AdamState, biasCorrection, momentOptions } from './moments.ts';

/** The moments of Adam of d·g, and what the distance d is estimated from: the first weights and two weighted sums. */
export type ProdigyState = AdamState & {
  readonly start: Tree;
  readonly sum: Tree;
  readonly numerator: Scalar;
  readonly distance: Scalar;
};

export type ProdigyOptions = AdamOptions & {
  /** d₀, a first estimate of the distance, below the true one. @defaultValue 1e-6 */
  readonly firstDistance?: number;
  /** Multiplies the estimates: what is turned first when steps are too long or too short. @defaultValue 1 */
  readonly coefficient?: number;
  /** Decoupled decay λ of the weights, times the step's rate. @defaultValue 0 */
  readonly weightDecay?: number;
  /** Keeps the learning rate out of the estimate's denominator: for a long warm-up. @defaultValue false */
  readonly safeguardWarmup?: boolean;
};

/**
 * Makes Prodigy: Adam that finds its learning rate, the distance d from the first weights to the solution.
 *
 * γ = η·d·√(1-β₂ᵗ)/(1-β₁ᵗ), m ← β₁m + (1-β₁)d·g, v ← β₂v + (1-β₂)(d·g)², r ← β₃r + (d/d₀)γ⟨g, w₀ - w⟩, s ← β₃s + (d/d₀)γ·g,
 * d ← max(d, c·r/‖s‖₁), β₃ = √β₂, and it steps -γ(m/(√v + d·ε) + λw). It is a whole optimizer: nothing scales it
 * afterwards. The report gains `scale`, -γ, and `distance`, d.
 *
 * @param learningRate - η, 1 or a schedule that falls from 1.
 * @throws When an option is unknown or out of its range.
 * @see Mishchenko & Defazio, Prodigy, ICML 2024, arXiv 2306.06101; optax.contrib.prodigy.
 *
 * @example
 * ```ts
 * import { chain, cosineDecay, prodigy, samTransform } from '@steppe/transforms';
 *
 * console.log(chain(samTransform(0.05), prodigy(cosineDecay(1, 1000))).gradientCost); // => 2
 * ```
 */
export function prodigy(
  learningRate: number | Schedule = 1,
  options: ProdigyOptions = {},
): GradientTransformation<ProdigyState> {
  checkScheduled('The learning rate', learningRate);
  checkOptions('prodigy', options, {
    ...momentOptions,
    firstDistance: aNumber(positive),
    coefficient: aNumber(positive),
    weightDecay: aNumber(nonNegative),
    safeguardWarmup: oneOf(true, false),
  });
  const { b1 = 0.9, b2 = 0.999, epsilon = 1e-8, firstDistance = 1e-6, coefficient = 1 } = options;
  const { weightDecay = 0, safeguardWarmup = false } = options;
  const b3 = Math.sqrt(b2);
  const product = (...factors: readonly (Scalar | number)[]): Scalar =>
    asScalar(factors.reduce<tf.Tensor>((all, factor) => tf.mul(all, factor), tf.scalar(1)));
  return stateful(
    (params): ProdigyState => ({
      ...zeroCount(),
      mean: zerosLike(params),
      meanSquare: zerosLike(params),
      start: params,
      sum: zerosLike(params),
      numerator: tf.scalar(0),
      distance: tf.scalar(firstDistance),
    }),
    (grads, state, params) => {
      const count = increment(state);
      const { distance: before } = state;
      const correction = asScalar(tf.div(tf.sqrt(biasCorrection(b2, count)), biasCorrection(b1, count)));
      const gamma = product(before, valueAt(learningRate, state), correction);
      const moved = scaled(grads, before);
      const mean = decayed(state.mean, moved, b1);
      const meanSquare = decayed(state.meanSquare, times(moved, moved), b2);
      const growth = asScalar(tf.div(before, firstDistance));
      const sum = addScaled(scaled(state.sum, b3), product(growth, safeguardWarmup ? before : gamma), grads);
      const way = product(growth, gamma, dot(grads, minus(state.start, params)));
      const numerator = asScalar(tf.add(tf.mul(state.numerator, b3), way));
      const estimate = tf.mul(ratio(numerator, norm(sum, 1)), coefficient);
      const distance = asScalar(tf.maximum(before, estimate));
      const floor = tf.mul(distance, epsilon);
      const quotients = map2(mean, meanSquare, (m, v) => tf.div(m, tf.add(tf.sqrt(v), floor)));
      const direction = map2(params, quotients, (w, u) => tf.add(tf.mul(w, weightDecay), u));
      const step = asScalar(tf.neg(gamma));
      const next = { ...count, mean, meanSquare, start: state.start, sum, numerator, distance };
      return [scaled(direction, step), next, { scale: step, distance }];
    },
    { ...call('prodigy', learningRate, options), sign: -1, uphill: true },
  );
}
