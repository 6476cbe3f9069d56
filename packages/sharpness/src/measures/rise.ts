import { dualNorm, epsilonHat } from '@steppe/transforms';
import { pure, type Tree } from '@steppe/tree';
import type { Around } from './around.ts';
import type { Objective } from './objective.ts';
import { resolutionOf } from './resolution.ts';
import { withTree } from './with-tree.ts';

/** How the loss rises along ε̂: L(w), the slope ‖T∘g‖_q, and L(w + ε̂) - L(w) for each radius. */
export type Rises = {
  readonly loss: number;
  readonly slope: number;
  readonly rises: readonly { readonly rise: number; readonly resolution: number }[];
};

/** The step of SAM for several radii, at the cost of one gradient and a loss for each: its direction does not depend on
 * the radius. */
export async function risesAlong<P extends Tree>(
  objective: Objective<P>,
  params: P,
  near: Around<P>,
  radii: readonly number[],
  p: number,
): Promise<Rises> {
  const { value: loss, grads } = await objective.gradient(params);
  const found = await withTree(grads, async () =>
    pure(() => {
      const slope = near.slope(grads);
      return { slope, steepest: dualNorm(slope, p) };
    }),
  );
  return withTree(found, async ({ slope, steepest }) => {
    const rises: Rises['rises'][number][] = [];
    for (const rho of radii) {
      const after = await withTree(
        pure(() => near.at(epsilonHat(slope, rho, p))),
        objective.loss,
      );
      rises.push({ rise: after - loss, resolution: resolutionOf(loss, after) });
    }
    return { loss, slope: (await steepest.data())[0] as number, rises };
  });
}
