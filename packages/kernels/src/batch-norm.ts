/**
 * Names the kernel that normalizes every channel of a batch by the batch's own mean and variance.
 *
 * Inputs: x `[..., channels]`, scale `[channels]`, offset `[channels]`, all float32.
 * Outputs: y in the shape of x, and the mean and the biased variance of every channel, `[channels]`.
 */
export const BatchNorm = 'SteppeBatchNorm';

/**
 * Names the kernel of the gradient of `BatchNorm`.
 *
 * Inputs: dy and x `[..., channels]`; mean, variance, scale and offset `[channels]`, all float32.
 * Outputs: the gradients for x, scale and offset.
 */
export const BatchNormGrad = 'SteppeBatchNormGrad';

/**
 * Names the kernel of the gradient of `BatchNormGrad`, through the mean and the variance too, which are those of x.
 *
 * Inputs: those of `BatchNormGrad`; ddx `[..., channels]`, ddscale and ddoffset `[channels]`, the cotangents of what it
 * gives. Outputs: the gradients for dy, x and scale; the one for offset is zero.
 */
export const BatchNormGradGrad = 'SteppeBatchNormGradGrad';

/**
 * Names the kernel that normalizes every channel by a given mean and variance, as batch normalization does in
 * evaluation mode.
 *
 * Inputs: those of `BatchNorm`, and mean and variance `[channels]`. Output: y in the shape of x.
 */
export const BatchNormEval = 'SteppeBatchNormEval';

/** Names the kernel of the gradient of `BatchNormEval`. Inputs and outputs: those of `BatchNormGrad`. */
export const BatchNormEvalGrad = 'SteppeBatchNormEvalGrad';

/** Names the kernel of the gradient of `BatchNormEvalGrad`. Inputs and outputs: those of `BatchNormGradGrad`. */
export const BatchNormEvalGradGrad = 'SteppeBatchNormEvalGradGrad';

/** Names the inputs of `BatchNorm`. */
export type BatchNormInput = 'x' | 'scale' | 'offset';

/** Names the inputs of `BatchNormEval`. */
export type BatchNormEvalInput = BatchNormInput | 'mean' | 'variance';

/** Names the inputs of `BatchNormGrad`. */
export type BatchNormGradInput = BatchNormEvalInput | 'dy';

/** Names the inputs of `BatchNormGradGrad`. */
export type BatchNormGradGradInput = BatchNormGradInput | 'ddx' | 'ddscale' | 'ddoffset';

/** Holds the attributes of `BatchNorm` and of its gradients. */
export type BatchNormAttrs = {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Whether max(0, y) is taken in the same pass. */
  readonly relu: boolean;
};

/** Gives the most channels that these kernels take: a wider batch is normalized by stock operations. */
export const BATCH_NORM_MAX_CHANNELS = 4096;
