import { decayed, map2, type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Count, increment, zeroCount } from '../links/counted.ts';

/** The mean of past gradients, with the structure of the parameters: zero before the first. */
export type MeanGradientState = Count & { readonly mean: Tree };

export const noGradients = (params: Tree): MeanGradientState => ({ ...zeroCount(), mean: zerosLike(params) });

/** m ← λ·m + (1 - λ)·g, of which the first is g itself, as in the authors' code of F-SAM and VaSSO. */
export function withGradient(state: MeanGradientState, grads: Tree, decay: number): MeanGradientState {
  const first = tf.equal(state.count, 0);
  const mean = map2(decayed(state.mean, grads, decay), grads, (m, g) => tf.where(first, g, m));
  return { ...increment(state), mean };
}
