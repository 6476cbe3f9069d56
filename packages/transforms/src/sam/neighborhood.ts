import { norm, plus, scaled, type Tree, times, unit } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Select } from '../contract.ts';
import { merge, only } from '../links/select.ts';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { type Adaptive, scalingOf } from './adaptive.ts';
import { ascent } from './epsilon-hat.ts';
import { projectOntoBall } from './project-onto-ball.ts';

/**
 * The points w + T_w·z with ‖z‖ₚ ≤ ρ around some parameters: what SAM, adaptive SAM and SAM of some layers search, in
 * one form.
 *
 * T_w is 1 for plain SAM; z has `null` for the leaves that do not move.
 */
export type Neighborhood<P extends Tree> = {
  readonly params: P;
  readonly rho: Scalar;
  readonly p: number;
  readonly adaptive: Adaptive | undefined;
  /** What is restricted to the leaves that move. */
  readonly moving: (tree: P) => P;
  /** T_w·z, or T_w times any tree over the leaves that move. */
  readonly stretch: (z: P) => P;
  /** The worst z to first order for a gradient, and the dual norm ‖T_w·g‖_q. */
  readonly ascend: (grads: P) => { readonly epsilon: P; readonly dualNorm: Scalar };
  /**
   * A step of projected gradient ascent from z: along T_w·g, as far as the worst z is long, and back to the nearest
   * point of the ball. Steps along the worst z itself come to rest short of the maximum unless p = 2, since the
   * projection is Euclidean.
   */
  readonly climb: (z: P, grads: P) => P;
  /** w + T_w·z. */
  readonly at: (z: P) => P;
};

export function neighborhood<P extends Tree>(
  params: P,
  rho: Scalar,
  p: number,
  { adaptive, perturb }: { readonly adaptive?: Adaptive; readonly perturb?: Select },
): Neighborhood<P> {
  const moving = (tree: P): P => (perturb ? only(tree, perturb) : tree);
  const scaling = adaptive && moving(scalingOf(params, adaptive));
  const stretch = (z: P): P => (scaling ? times(z, scaling) : z);
  const moved = moving(params);
  return {
    params,
    rho,
    p,
    adaptive,
    moving,
    stretch,
    ascend: (grads) => ascent(stretch(moving(grads)), rho, p),
    climb: (z, grads) => {
      const slope = stretch(moving(grads));
      const step = scaled(unit(slope), norm(ascent(slope, rho, p).epsilon));
      return projectOntoBall(plus(z, step), rho, p);
    },
    at: (z) => {
      const shifted = applyUpdates(moved, stretch(z));
      return perturb ? merge(params, shifted) : shifted;
    },
  };
}
