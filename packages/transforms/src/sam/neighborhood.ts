import { type Tree, times } from '@steppe/tree';
import type { Select } from '../contract.ts';
import { merge, only } from '../links/select.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { type Adaptive, scalingOf } from './adaptive.ts';
import type { Ball } from './ball.ts';

/**
 * The points w + T_w·z with z in a ball, around some parameters: what SAM, adaptive SAM, SAM of some layers and SAM by
 * group search, in one form.
 *
 * T_w is 1 for plain SAM; z has `null` for the leaves that do not move.
 */
export type Neighborhood<P extends Tree> = {
  readonly params: P;
  readonly ball: Ball;
  readonly adaptive: Adaptive | undefined;
  /** What is restricted to the leaves that move. */
  readonly moving: (tree: P) => P;
  /** T_w·z, or T_w times any tree over the leaves that move. */
  readonly stretch: (z: P) => P;
  /** T_w·g of a gradient: what is climbed along in the ball. */
  readonly slope: (grads: P) => P;
  /** w + T_w·z. */
  readonly at: (z: P) => P;
};

/** @param grads - The gradient at w, which a metric may be made of. */
export function neighborhood<P extends Tree>(
  params: P,
  grads: P,
  ball: Ball,
  { adaptive, perturb }: { readonly adaptive?: Adaptive; readonly perturb?: Select },
): Neighborhood<P> {
  const moving = (tree: P): P => (perturb ? only(tree, perturb) : tree);
  const scaling = adaptive && moving(scalingOf(params, grads, adaptive));
  const stretch = (z: P): P => (scaling ? times(z, scaling) : z);
  const moved = moving(params);
  return {
    params,
    ball,
    adaptive,
    moving,
    stretch,
    slope: (grads) => stretch(moving(grads)),
    at: (z) => {
      const shifted = applyUpdates(moved, stretch(z));
      return perturb ? merge(params, shifted) : shifted;
    },
  };
}
