import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Evaluation, GradientTransformation } from '../../src/index.ts';
import { quadratic } from './gradients.ts';
import { type Point, plus, slopeOf } from './plain.ts';
import { descend, gradientOf } from './step.ts';

/** The curvatures and the start of the descents below: L(w) = ½ Σ aⱼ wⱼ² from w₀. */
export const A: Point = [1, 4, 0.5];
export const W: Point = [0.7, -0.4, 1.1];

/** The gradient of that loss. */
export const slope = slopeOf(A);

/** The two gradients that many a reference value is made of. */
export type Pair = { readonly g_clean: number[]; readonly g_perturbed: number[] };

/** A gradient function that gives one gradient after another, whatever the point, and remembers the points. */
export function scripted(...gradients: readonly Point[]) {
  const points: number[][] = [];
  const gradient = (at: tf.Tensor): Evaluation<tf.Tensor, null> => {
    const grads = tf.tensor1d([...(gradients[points.length % gradients.length] ?? [])]);
    points.push([...at.dataSync()]);
    return { value: tf.scalar(0), grads, aux: null };
  };
  return { gradient, points };
}

/** What a link makes of one gradient after another. */
export const given = (link: GradientTransformation<Tree>, ...gradients: readonly Point[]): number[] =>
  tf.tidy(() => gradientOf(link, scripted(...gradients).gradient, tf.zeros([3]), null));

/** The weights after each of some steps of an optimizer. */
export const pathOf = (optimizer: GradientTransformation<Tree>, steps: number): number[][] =>
  descend(optimizer, quadratic(A), tf.tensor1d([...W]), null, steps);

/** The weights after each step of plain gradient descent along what `direction` gives. */
export function descent(direction: (w: Point, step: number) => Point, steps: number, rate = 0.1): number[][] {
  let w: Point = W;
  return Array.from({ length: steps }, (_, step) => {
    w = plus(w, direction(w, step), -rate);
    return [...w];
  });
}
