/** Names the kernel of x·σ(x), entry by entry. Input: x, float32. */
export const Silu = 'SteppeSilu';

/** Names the kernel of the gradient of `Silu`. Inputs: dy and x, float32, of one shape. */
export const SiluGrad = 'SteppeSiluGrad';

/** Names the kernel of x·Φ(x) = x·(1 + erf(x / √2)) / 2, entry by entry. Input: x, float32. */
export const Gelu = 'SteppeGelu';

/** Names the kernel of the gradient of `Gelu`. Inputs: dy and x, float32, of one shape. */
export const GeluGrad = 'SteppeGeluGrad';
