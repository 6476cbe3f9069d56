import { Gelu, GeluGrad, Silu, SiluGrad } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type GradConfig, getKernel, Relu, type Tensor } from '@tensorflow/tfjs-core';

/** σ(x)·(1 + x·(1 - σ(x))). */
function siluSlope(x: Tensor): Tensor {
  const s = tf.sigmoid(x);
  return tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1));
}

/** Φ(x) + x·φ(x). */
function geluSlope(x: Tensor): Tensor {
  const below = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return tf.add(below, tf.mul(x, density));
}

/** The gradient by its own kernel, or, where an outer tape records it and must see through it, by basic operations. */
const gradientOf = (kernelName: string, kernel: string, slope: (x: Tensor) => Tensor): GradConfig => ({
  kernelName,
  inputsToSave: ['x'],
  gradFunc: (dys, saved) => {
    const [dy, x] = [dys as Tensor, saved[0] as Tensor];
    const seen = engine().state.gradientDepth > 0;
    return { x: () => (seen ? tf.mul(dy, slope(x)) : (engine().runKernel(kernel, { dy, x }) as Tensor)) };
  },
});

/** That of ReLU in one pass over memory, the same bits as tfjs's own three, which stay for other backends. */
const reluGradient: GradConfig = {
  kernelName: Relu,
  inputsToSave: ['x'],
  gradFunc: (dys, saved) => {
    const [dy, x] = [dys as Tensor, saved[0] as Tensor];
    const { state, backendName } = engine();
    const floats = dy.dtype === 'float32' && x.dtype === 'float32';
    const own = floats && state.gradientDepth === 0 && getKernel('ReluGrad', backendName) !== undefined;
    return {
      x: () =>
        own ? (engine().runKernel('ReluGrad', { dy, y: x }) as Tensor) : tf.mul(dy, tf.cast(tf.step(x), 'float32')),
    };
  },
};

/** The gradients of nonlinearities that tfjs does not have, and a faster one of ReLU. */
export const activationGradients: readonly GradConfig[] = [
  reluGradient,
  gradientOf(Silu, SiluGrad, siluSlope),
  gradientOf(Gelu, GeluGrad, geluSlope),
];
