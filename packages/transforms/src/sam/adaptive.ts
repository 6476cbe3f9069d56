import { aNumber, type Check, checkFunction, checkOptions, nonNegative, oneOf } from '@steppe/check';
import { map2, norm, sum, type Tree, unit } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Select } from '../contract.ts';
import { signs } from './exact.ts';

/** The geometry of adaptive SAM: how far each parameter may move relative to its size. */
export type Adaptive = {
  /** η ≥ 0, added to the size, so that zero weights move too; by `'fisher'` the weight of the squared gradient.
   * @defaultValue 0.01; 1 by `'fisher'` */
  readonly eta?: number;
  /** The leaves that are scaled; T is 1 on the others. The authors scale weights and spare biases. @defaultValue all */
  readonly select?: Select;
  /** `'element'`: by the weight itself, |wᵢ|. `'layer'`: by the norm of its leaf, ‖w_l‖₂. `'fisher'`: by the gradient,
   * far where it is small, Fisher SAM. @defaultValue 'element' */
  readonly by?: 'element' | 'layer' | 'fisher';
};

/** Refuses options of adaptive SAM that there are not, or that are out of range. */
export const checkAdaptive: Check = (name, adaptive) =>
  checkOptions(name, adaptive, {
    eta: aNumber(['a number of at least 0', nonNegative[1]]),
    select: checkFunction,
    by: oneOf('element', 'layer', 'fisher'),
  });

/** T = |w| + η, ‖w_l‖ + η (Kwon et al., ICML 2021, section 4), or F^(-½) with F = 1 + η·g² (Kim et al., ICML 2022), on the
 * selected leaves, 1 on the others. */
export function scalingOf<P extends Tree>(params: P, grads: P, adaptive: Adaptive): P {
  const { select = () => true, by = 'element', eta = by === 'fisher' ? 1 : 0.01 } = adaptive;
  return map2(params, grads, (w, g, path) => {
    const one = tf.onesLike(w);
    if (!select(path, w)) return one;
    if (by !== 'fisher') return tf.add(by === 'element' ? tf.abs(w) : tf.mul(one, norm(w)), eta);
    // By the ratio of the two terms of F, of which the square does not leave float32.
    const root = tf.mul(tf.abs(g), Math.sqrt(eta));
    const larger = tf.maximum(root, one);
    const smaller = tf.minimum(root, one);
    return tf.div(one, tf.mul(larger, tf.sqrt(tf.add(tf.square(tf.div(smaller, larger)), one))));
  });
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
