/**
 * Names the kernel of exp(x) / Σ exp(x) over the last dimension, whose gradient is `SoftmaxGrad`.
 *
 * Input: x `[..., classes]`, float32.
 */
export const Softmax = 'SteppeSoftmax';

/** Names the kernel of the gradient of `Softmax`: y·(dy - Σ dy·y). Inputs: dy and the result y, float32, of one shape. */
export const SoftmaxGrad = 'SteppeSoftmaxGrad';
