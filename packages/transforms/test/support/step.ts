import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { applyUpdates, type GradientFn, type GradientTransformation } from '../../src/index.ts';

/** The weights after each of some steps of an optimizer on one batch, from `w0`, which it frees. */
export function descend<State extends Tree, B extends Tree, A extends Tree>(
  optimizer: GradientTransformation<State, B>,
  gradient: GradientFn<tf.Tensor, B, A>,
  w0: tf.Tensor,
  batch: B,
  steps: number,
): number[][] {
  let [w, state] = [w0, optimizer.init(w0)];
  const path = Array.from({ length: steps }, () => {
    const [evaluation, next] = optimizer.update(gradient, state, w, batch);
    const moved = applyUpdates(w, evaluation.grads);
    dispose(evaluation, state, w);
    [w, state] = [moved, next];
    return [...w.dataSync()];
  });
  dispose(w, state);
  return path;
}

/** The gradient that a transformation gives at `w`, as numbers. */
export function gradientOf<State extends Tree, B extends Tree, A extends Tree>(
  link: GradientTransformation<State, B>,
  gradient: GradientFn<tf.Tensor, B, A>,
  w: tf.Tensor,
  batch: B,
): number[] {
  const state = link.init(w);
  const [evaluation, next] = link.update(gradient, state, w, batch);
  const grads = [...evaluation.grads.dataSync()];
  dispose(state, evaluation, next);
  return grads;
}

/** What a link gives for one gradient after another, at weight 0. */
export function feed<State extends Tree>(link: GradientTransformation<State>, gradients: readonly number[]): number[] {
  return tf.tidy(() => {
    const w = tf.scalar(0);
    let state = link.init(w);
    return gradients.map((g) => {
      const [{ grads }, next] = link.update(
        () => ({ value: tf.scalar(0), grads: tf.scalar(g), aux: null }),
        state,
        w,
        null,
      );
      state = next;
      return grads.dataSync()[0] ?? Number.NaN;
    });
  });
}
