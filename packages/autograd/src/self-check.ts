import { asScalar } from '@steppe/tree';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { COVERED } from './covered.ts';
import { reverse } from './tape.ts';

const gradientOf = (f: (w: Tensor1D) => Scalar, w: Tensor1D): Tensor1D =>
  (reverse(() => f(w), [w]).grads[0] ?? tf.zerosLike(w)) as Tensor1D;

const product = (f: (w: Tensor1D) => Scalar, w: Tensor1D, v: Tensor1D): Tensor1D =>
  (reverse(() => tf.sum<Scalar>(tf.mul(gradientOf(f, w), v)), [w]).grads[0] ?? tf.zerosLike(w)) as Tensor1D;

/** The stock WASM backend lacks the gradients of convolutions for the filter, and is right without them. */
const has = (kernelName: string): boolean => tf.getKernel(kernelName, tf.getBackend()) !== undefined;

/** Homogeneous of degree 2 in w: convolutions and pools of w with filters that scale with w, and squares. */
const homogeneous = (w: Tensor1D): Scalar => {
  const image = tf.reshape(w, [1, 4, 4, 1]) as tf.Tensor4D;
  const filter = tf.mul(tf.tensor4d([1, -0.5, 0.25, 2], [2, 2, 1, 1]), tf.mean(w)) as tf.Tensor4D;
  const pooled = tf.add(tf.maxPool(image, 2, 2, 'valid'), tf.avgPool(tf.relu(image), 2, 2, 'same'));
  const filtered = [
    ...(has(tf.Conv2DBackpropFilter) ? [tf.conv2d(image, filter, 2, 'valid')] : []),
    ...(has(tf.DepthwiseConv2dNativeBackpropFilter) ? [tf.depthwiseConv2d(image, filter, 2, 'valid')] : []),
  ];
  return tf.sum(tf.addN([tf.square(pooled), ...filtered.map((y) => tf.mul(tf.sqrt(tf.square(y)), 0.5))]));
};

/** Zero for every w, by two ways through different rules each; so are all of its derivatives. */
const zero = (w: Tensor1D): Scalar => {
  const above = tf.add(tf.square(w), 1);
  const square = tf.reshape(w, [4, 4]);
  const columns = tf.sum(square, 0);
  const differences = [
    tf.sub(tf.sum(tf.matMul(square, square, false, true)), tf.dot(columns, columns)),
    tf.sub(tf.add(tf.tanh(w), 1), tf.mul(tf.sigmoid(tf.mul(w, 2)), 2)),
    tf.add(tf.softplus(w), tf.log(tf.sigmoid(tf.neg(w)))),
    tf.sub(tf.logSoftmax(w), tf.log(tf.softmax(w))),
    tf.sub(tf.sqrt(above), tf.reciprocal(tf.rsqrt(above))),
    tf.sub(tf.pow(above, 1.5), tf.mul(above, tf.sqrt(above))),
    tf.sub(tf.elu(w), tf.add(tf.relu(w), tf.expm1(tf.minimum(w, 0)))),
  ];
  return tf.sum(differences.reduce((sum, difference) => tf.add(sum, tf.mul(difference, w)), tf.scalar(0)));
};

/** How far second derivatives are from what they must be on the current backend: the largest relative error, as a
 * scalar. */
export function secondDerivativeError(): Scalar {
  return tf.tidy(() => {
    const numbers = Array.from({ length: 16 }, (_, i) => Math.sin(1 + 2.3 * i));
    // Two tensors, not a copy: inside of a recording, a copy would depend on w and be differentiated.
    const [w, v] = [tf.tensor1d(numbers), tf.tensor1d(numbers)];
    const relative = (got: Tensor, wanted: Tensor) =>
      tf.div(tf.max(tf.abs(tf.sub(got, wanted))), tf.max(tf.abs(wanted)));
    // Euler: a function that is homogeneous of degree 2 has ∇²f(w)·w = ∇f(w), whatever its kinks.
    const euler = relative(product(homogeneous, w, v), gradientOf(homogeneous, w));
    // Saved outputs: f = Σ exp(wᵢ²) has ∇²f = diag((2 + 4wᵢ²)·exp(wᵢ²)).
    const square = tf.square(w);
    const wanted = tf.mul(tf.mul(tf.add(tf.mul(square, 4), 2), tf.exp(square)), w);
    const exponential = relative(
      product((x) => tf.sum(tf.exp(tf.square(x))), w, v),
      wanted,
    );
    const nothing = tf.max(tf.abs(product(zero, w, v)));
    return asScalar(tf.maximum(tf.maximum(euler, exponential), nothing));
  });
}

/** The gradient rules that were found right, by backend. */
const checked = new Map<string, readonly unknown[]>();

/**
 * Makes sure that second derivatives are right, on each backend that can be read at once, at first and whenever a
 * gradient rule of tfjs is another than it was: its registries are global, and anything in the process may replace a
 * rule.
 *
 * @throws When they are not.
 */
export function checkRules(): void {
  const backend = tf.getBackend();
  const rules = Array.from(COVERED, (name) => tf.getGradient(name));
  if (checked.get(backend)?.every((rule, i) => rule === rules[i])) return;
  // WebGPU cannot be read synchronously; its conformance test awaits secondDerivativeError() instead.
  if (backend !== 'webgpu') {
    const error = tf.tidy(() => secondDerivativeError().dataSync()[0] as number);
    if (!(error < 1e-3))
      throw new Error(
        `Second derivatives are wrong by ${error} on the ${backend} backend: another module has replaced a gradient rule or a kernel of tfjs by a wrong one; leave it out.`,
      );
  }
  checked.set(backend, rules);
}
