import '#gradients';
import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { kernel, ofShape, rule } from './rule.ts';

/** The rule of tfjs for an operation of two inputs, which forgets that they may have been broadcast. */
function broadcasting(kernelName: string, names: readonly [string, string] = ['a', 'b']): GradConfig {
  const forgetful = tf.getGradient(kernelName);
  return rule(kernelName, [...names], (dy, saved, attrs: NamedAttrMap) => {
    const rules = forgetful.gradFunc(dy, saved.slice(0, 2), attrs);
    return Object.fromEntries(
      names.map((name, i) => [name, () => ofShape(rules[name]?.() as Tensor, (saved[i] as Tensor).shape)] as const),
    );
  });
}

/** Gradients of operations on entries, which tfjs lacks, or has wrong at some. */
export const elementwiseRules: readonly GradConfig[] = [
  ...[tf.BatchMatMul, tf.Maximum, tf.Minimum, tf.SquaredDifference].map((name) => broadcasting(name)),
  broadcasting(tf.Prelu, ['x', 'alpha']),
  rule(tf.EluGrad, ['dy', 'y'], (ddx, [dy, y], attrs) => ({
    dy: () => kernel(tf.EluGrad, { dy: ddx, y }, attrs),
    y: () => tf.mul(ddx, tf.where(tf.less(y, 0), dy, tf.zerosLike(dy))),
  })),
  rule(tf.RealDiv, ['a', 'b'], (dy, [a, b]) => ({
    a: () => ofShape(tf.div(dy, b), a.shape),
    // Not by b², which is 0 or ∞ for much of what float32 holds.
    b: () => tf.neg(tf.div(tf.div(ofShape(tf.mul(dy, a), b.shape), b), b)),
  })),
  {
    ...rule(tf.Pow, ['a', 'b'], (dy, [a, b, y]) => ({
      a: () => {
        // 0⁰ is constant along its base: 0·0⁻¹ would not be a number.
        const less = tf.where(tf.logicalAnd(tf.equal(a, 0), tf.equal(b, 0)), 0, tf.sub(b, 1));
        return ofShape(tf.mul(dy, tf.mul(b, tf.pow(a, less))), a.shape);
      },
      b: () => {
        const logarithm = tf.where(tf.greater(a, 0), tf.log(a), tf.zerosLike(a));
        return ofShape(tf.mul(dy, tf.mul(y, logarithm)), b.shape);
      },
    })),
    outputsToSave: [true],
  },
  rule(tf.Selu, ['x'], (dy, [x]) => ({
    x: () => {
      const [above, below] = [tf.backend_util.SELU_SCALE, tf.backend_util.SELU_SCALEALPHA];
      // Of large entries, the exponential is not chosen, but its derivative would be infinite.
      return tf.where(tf.greater(x, 0), tf.mul(dy, above), tf.mul(tf.mul(dy, below), tf.exp(tf.minimum(x, 0))));
    },
  })),
];
