/** How convolutions and matrix products multiply, the most exact first. */
export const precisions = ['highest', 'high', 'default'] as const;

/**
 * Names how convolutions and matrix products multiply, as JAX does: `highest` in float32, `default` with operands rounded
 * to bfloat16 (relative errors near 1e-3), `high` with each operand as the sum of two bfloat16, in three products (near
 * 1e-6). Sums and results are float32 in each.
 */
export type Precision = (typeof precisions)[number];
