import * as tf from '@tensorflow/tfjs-core';

type Rule = (dy: tf.Tensor, x: tf.Tensor, attributes: tf.NamedAttrMap) => tf.Tensor;

const gradient = (kernelName: string, rule: Rule): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attributes) => ({ x: () => rule(dy as tf.Tensor, saved[0] as tf.Tensor, attributes) }),
});

/** Repeats the gradient of a reduction along the axes that it reduced. */
const spread: Rule = (dy, x, { axis }) => {
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.broadcastTo(tf.reshape(dy, kept), x.shape);
};

/** Sums the gradient of a repetition over the copies. */
const gather: Rule = (dy, x, { reps }) => {
  const copies: number[] = [];
  const shape = x.shape.flatMap((size, i) => {
    const times = (reps as number[])[i] ?? 1;
    return times === 1
      ? [{ size, copy: false }]
      : [
          { size: times, copy: true },
          { size, copy: false },
        ];
  });
  for (const [i, { copy }] of shape.entries()) if (copy) copies.push(i);
  const parted = tf.reshape(
    dy,
    shape.map(({ size }) => size),
  );
  return tf.reshape(tf.sum(parted, copies), x.shape);
};

const gradients: readonly tf.GradConfig[] = [
  gradient(tf.Sum, spread),
  gradient(tf.Mean, (dy, x, attributes) => spread(tf.div(dy, x.size / Math.max(dy.size, 1)), x, attributes)),
  gradient(tf.Tile, gather),
];

/**
 * Registers gradients of `Sum`, `Mean` and `Tile` that stay on the device.
 *
 * tfjs's own make an array of ones as large as the input on the host, at every step, and multiply by it; its gradient
 * of a repetition cuts one slice per copy. These have the same values, and derivatives of any order.
 */
export function registerBroadcastGradients(): void {
  for (const config of gradients) {
    const present = tf.getGradient(config.kernelName);
    if (present === config) continue;
    // tfjs warns in debug mode about a gradient that replaces another.
    if (present !== undefined) tf.unregisterGradient(config.kernelName);
    tf.registerGradient(config);
  }
}
