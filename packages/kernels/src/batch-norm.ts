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

/** Names the inputs of `BatchNorm`. */
export type BatchNormInput = 'x' | 'scale' | 'offset';

/** Names the inputs of `BatchNormGrad`. */
export type BatchNormGradInput = 'dy' | 'x' | 'mean' | 'variance' | 'scale' | 'offset';

/** Holds the attributes of `BatchNorm` and of `BatchNormGrad`. */
export type BatchNormAttrs = {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Whether max(0, y) is taken in the same pass. */
  readonly relu: boolean;
};

/** Gives the most channels that `BatchNorm` takes: a wider batch is normalized by stock operations. */
export const BATCH_NORM_MAX_CHANNELS = 4096;
