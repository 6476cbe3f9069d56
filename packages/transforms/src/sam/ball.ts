import { asScalar, norm, plus, scaled, type Tree, unit } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Report, Schedule } from '../contract.ts';
import type { Call } from '../links/call.ts';
import type { Count } from '../links/counted.ts';
import { ascent } from './epsilon-hat.ts';
import { epsilonHatDerivative } from './epsilon-hat-derivative.ts';
import { projectOntoBall } from './project-onto-ball.ts';

/** What SAM searches for the worst z: a p-ball, or a product of some. */
export type Ball = {
  /** The z in it that maximizes ⟨z, g⟩, that maximum, and what the report has of both. */
  readonly ascend: <P extends Tree>(g: P) => { readonly epsilon: P; readonly rise: Scalar; readonly report: Report };
  /**
   * A step of projected gradient ascent from z: along g, as far as the worst z is long, and back to the nearest point
   * of the ball. Steps along the worst z itself come to rest short of the maximum unless p = 2, since the projection is
   * Euclidean.
   */
  readonly climb: <P extends Tree>(z: P, g: P) => P;
  /** The derivative of the worst z by g, times x. */
  readonly turn: <P extends Tree>(g: P, x: P) => P;
  /** Whether that is anything but zero. */
  readonly turns: boolean;
  /** ‖z‖ₚ, as an entry of the report. */
  readonly measure: (entry: string, z: Tree) => Report;
};

/** A radius for each group of leaves, as `byGroup` makes it. */
export type GroupRadii = {
  /** The product of the groups' balls at a step; `p` is for those that have none of their own. */
  readonly ballAt: (count: Count, p: number) => Ball;
  /** Refuses parameters with a leaf in no group or in two. */
  readonly check: (params: Tree) => void;
  /** The call that makes it, for `textOf`. */
  readonly made: Call;
};

/** How far SAM looks: a number ρ, a schedule of it, or radii by group. */
export type Radius = number | Schedule | GroupRadii;

/** The ball ‖z‖ₚ ≤ ρ. */
export const ballOf = (rho: Scalar, p: number): Ball => ({
  ascend(g) {
    const { epsilon, dualNorm } = ascent(g, rho, p);
    // ‖ε̂‖ₚ = ρ for every gradient but zero, so measuring it would be a pass over the parameters for nothing.
    const epsilonHatNorm = asScalar(tf.where(tf.greater(dualNorm, 0), rho, dualNorm));
    return { epsilon, rise: tf.mul(rho, dualNorm), report: { gradientNorm: dualNorm, epsilonHatNorm, rho } };
  },
  climb: (z, g) => projectOntoBall(plus(z, scaled(unit(g), norm(ascent(g, rho, p).epsilon))), rho, p),
  turn: (g, x) => epsilonHatDerivative(g, x, rho, p),
  turns: p > 1 && p < Number.POSITIVE_INFINITY,
  measure: (entry, z) => ({ [entry]: norm(z, p) }),
});
