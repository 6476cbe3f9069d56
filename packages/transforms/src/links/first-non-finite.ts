import { leaves, norm, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** The place among `paths` of the first leaf that is not finite, -1 if all are, as a scalar on the device. */
export const firstNonFinite = (grads: Tree, paths: readonly string[]): Tensor =>
  tf.tidy(() => {
    const places = leaves(grads).map(({ path, leaf }) =>
      tf.where(
        tf.less(norm(leaf, Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY),
        paths.length,
        paths.indexOf(path),
      ),
    );
    const first = tf.min(tf.stack([tf.scalar(paths.length), ...places]));
    return tf.where(tf.less(first, paths.length), first, -1);
  });
