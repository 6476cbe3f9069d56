/**
 * Names the kernel that normalizes every row by its own mean and variance, then scales and shifts it.
 *
 * Inputs: x `[..., features]`, scale `[features]`, offset `[features]`, all float32. Output: y in the shape of x.
 */
export const LayerNorm = 'SteppeLayerNorm';

/**
 * Names the kernel of the gradient of `LayerNorm`.
 *
 * Inputs: dy and x `[..., features]`, scale `[features]`, all float32. Outputs: the gradients for x, scale and offset.
 */
export const LayerNormGrad = 'SteppeLayerNormGrad';

/** Names the inputs of `LayerNorm`. */
export type LayerNormInput = 'x' | 'scale' | 'offset';

/** Names the inputs of `LayerNormGrad`. */
export type LayerNormGradInput = 'dy' | 'x' | 'scale';

/** Holds the attribute of `LayerNorm` and of `LayerNormGrad`. */
export type LayerNormAttrs = {
  /** Added to the variance. */
  readonly epsilon: number;
};
