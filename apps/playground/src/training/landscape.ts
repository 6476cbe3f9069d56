import { valueAndGrad } from '@steppe/autograd';
import type { Batch } from '@steppe/datasets';
import { readScalars } from '@steppe/train';
import { applyUpdates, epsilonHat } from '@steppe/transforms';
import { dispose, map2, pure } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { positions } from '../positions.ts';
import { lossOf, type Params, type State } from './network.ts';

/** Where a network stands: its weights and running statistics. */
export type Place = { readonly params: Params; readonly state: State };

/**
 * Measures how much the loss rises within the neighborhood, to first order: L(w + ε̂(w)) - L(w), ε̂ = argmax ⟨ε, ∇L(w)⟩
 * over ‖ε‖ₚ ≤ ρ.
 *
 * @param probe - The images of L; not freed.
 */
export async function sharpness({ params, state }: Place, probe: Batch, rho: number, p: number): Promise<number> {
  const loss = lossOf(state);
  const rise = pure(() => {
    const { value, grads } = valueAndGrad(loss)(params, probe);
    return tf.sub<Scalar>(loss(applyUpdates(params, epsilonHat(grads, rho, p)), probe), value);
  });
  try {
    return (await readScalars({ rise })).rise as number;
  } finally {
    dispose(rise);
  }
}

/**
 * Measures the loss along the line through two networks: t ↦ L(w₀ + t·(w₁ - w₀)) at every one of `positions`.
 *
 * @param breathe - Waited for between two points.
 */
export async function lossAlongLine(
  from: Place,
  to: Params,
  probe: Batch,
  breathe: () => Promise<void>,
): Promise<readonly number[]> {
  const losses: Record<string, Scalar> = {};
  try {
    for (const t of positions) {
      const between = (a: Tensor, b: Tensor): Tensor => tf.add(a, tf.mul(tf.sub(b, a), t));
      losses[t] = pure(() => lossOf(from.state)(map2(from.params, to, between), probe));
      await breathe();
    }
    const read = await readScalars(losses);
    return positions.map((t) => read[t] as number);
  } finally {
    dispose(losses);
  }
}
