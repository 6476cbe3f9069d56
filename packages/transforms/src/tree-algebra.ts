import { addScaled, dot, map2, normalized, scaled, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** a + b, leaf by leaf. */
export const plus = <P extends Tree>(a: P, b: Tree): P => addScaled(a, 1, b);

/** a - b, leaf by leaf. */
export const minus = <P extends Tree>(a: P, b: Tree): P => addScaled(a, -1, b);

/** a ⊙ b, leaf by leaf. */
export const times = <P extends Tree>(a: P, b: Tree): P => map2(a, b, (x, y) => tf.mul(x, y));

/** β·m + (1 - β)·x, leaf by leaf: one step of an exponential mean. */
export const decayed = <P extends Tree>(mean: P, xs: Tree, decay: number): P =>
  addScaled(scaled(mean, decay), 1 - decay, xs);

/** a / b, or 0 where b is 0. */
export const ratio = (a: Scalar, b: Scalar): Scalar =>
  tf.where(tf.equal(b, 0), 0, tf.div(a, tf.where(tf.equal(b, 0), 1, b))) as Scalar;

/** a / ‖a‖₂, over all leaves jointly; zero stays zero. */
export const unit = <P extends Tree>(a: P): P => normalized(a).tree;

/** ⟨a, b⟩ / (‖a‖·‖b‖), over all leaves jointly; 0 when one is zero. */
export const cosine = (a: Tree, b: Tree): Scalar => dot(unit(a), unit(b));
