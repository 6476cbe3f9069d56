import { aNumber, type Check, checkFunction, checkOptions, nonNegative, oneOf } from '@steppe/check';
import { map, map2, norm, sum, type Tree, unit } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Select } from '../contract.ts';
import { signs } from './exact.ts';

/** The geometry of adaptive SAM: how far each parameter may move relative to its size. */
export type Adaptive = {
  /** η ≥ 0, added to the size, so that zero weights move too. @defaultValue 0.01 */
  readonly eta?: number;
  /** The leaves that are scaled; T is 1 on the others. The authors scale weights and spare biases. @defaultValue all */
  readonly select?: Select;
  /** `'element'`: by the weight itself, |wᵢ|. `'layer'`: by the norm of its leaf, ‖w_l‖₂. @defaultValue 'element' */
  readonly by?: 'element' | 'layer';
};

/** Refuses options of adaptive SAM that there are not, or that are out of range. */
export const checkAdaptive: Check = (name, adaptive) =>
  checkOptions(name, adaptive, {
    eta: aNumber(['a number of at least 0', nonNegative[1]]),
    select: checkFunction,
    by: oneOf('element', 'layer'),
  });

/** T_w = |w| + η, or ‖w_l‖ + η, on the selected leaves, 1 on the others (Kwon et al., ICML 2021, section 4). */
export function scalingOf<P extends Tree>(params: P, { eta = 0.01, select = () => true, by = 'element' }: Adaptive): P {
  const size = (w: Tensor) => (by === 'element' ? tf.abs(w) : tf.mul(tf.onesLike(w), norm(w)));
  return map(params, (w, path) => (select(path, w) ? tf.add(size(w), eta) : tf.onesLike(w)));
}

/** (∂T/∂w)ᵀ·x: sign(w) ⊙ x, or (Σᵢ xᵢ)·w_l/‖w_l‖, on the selected leaves, 0 on the others. */
export function scalingPullback<P extends Tree>(
  params: P,
  x: Tree,
  { select = () => true, by = 'element' }: Adaptive,
): P {
  return map2(params, x, (w, xi, path) => {
    if (!select(path, w)) return tf.zerosLike(w);
    return by === 'element' ? tf.mul(signs(w), xi) : tf.mul(unit(w), sum(xi));
  });
}
