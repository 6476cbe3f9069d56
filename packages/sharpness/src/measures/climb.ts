import { epsilonHat, projectOntoBall } from '@steppe/transforms';
import { clone, dispose, norm, normalized, plus, pure, scaled, type Tree } from '@steppe/tree';
import type { Around } from './around.ts';
import type { Objective } from './objective.ts';
import { withTree } from './with-tree.ts';

/** The share of the new point in a step; the rest is the point before the last, of the ball too. */
const MOMENTUM = 0.75;
/** The share of the steps since the last checkpoint that must have found a new best point. */
const IMPROVED = 0.75;

/** The steps before which the size of the steps is judged: ⌈p_j·n⌉, p₁ = 0.22, p_{j+1} = p_j + max(p_j - p_{j-1} - 0.03, 0.06). */
function checkpoints(iterations: number): ReadonlySet<number> {
  const steps = new Set<number>();
  for (let [before, now] = [0, 0.22]; now < 1; [before, now] = [now, now + Math.max(now - before - 0.03, 0.06)])
    steps.add(Math.ceil(now * iterations));
  return steps;
}

/** A point z of the ball, L(w + T∘z) and the gradient in z there. */
type Point<P extends Tree> = { readonly z: P; readonly loss: number; readonly slope: P };

async function pointAt<P extends Tree>(objective: Objective<P>, near: Around<P>, z: P): Promise<Point<P>> {
  try {
    const { value, grads } = await withTree(near.at(z), objective.gradient);
    return { z, loss: value, slope: await withTree(grads, async (tree) => near.slope(tree)) };
  } catch (error) {
    dispose(z);
    throw error;
  }
}

/** The next point: a step of steepest ascent, the projection, and momentum. For p = ∞ along the signs, else along the
 * gradient, by `step` times the length of ε̂: steps along ε̂ itself come to rest short of the maximum, since the
 * projection is Euclidean. */
function climbed<P extends Tree>(z: P, before: P, slope: P, step: number, rho: number, p: number): P {
  return pure(() => {
    const worst = epsilonHat(slope, step * rho, p);
    const along = p === Number.POSITIVE_INFINITY ? worst : normalized(slope, norm(worst)).tree;
    return plus(scaled(projectOntoBall(plus(z, along), rho, p), MOMENTUM), scaled(before, 1 - MOMENTUM));
  });
}

/**
 * Climbs to a high point of the loss in the ball ‖z‖ₚ ≤ ρ by projected gradient ascent with adaptive steps (APGD).
 *
 * Steps of 2ρ, halved at the checkpoints where less than 75 % of the steps since the last one found a new best point, or
 * where the best has stood still at the same size of step; it goes on from the best then.
 *
 * @param start - The first z, which is freed.
 * @returns The largest loss that was seen, at the start or at one of the `iterations` points after it.
 * @see Croce & Hein, ICML 2020, for APGD; Andriushchenko et al., ICML 2023, for these settings.
 */
export async function climb<P extends Tree>(
  objective: Objective<P>,
  near: Around<P>,
  start: P,
  { rho, p, iterations }: { readonly rho: number; readonly p: number; readonly iterations: number },
): Promise<number> {
  const judged = checkpoints(iterations);
  let now = await pointAt(objective, near, start);
  let best = clone(now);
  let before = clone(now.z);
  let [step, improved, sinceCheckpoint] = [2, 0, 0];
  let last = { step: 0, loss: Number.NEGATIVE_INFINITY };
  try {
    for (let i = 1; i <= iterations; i++) {
      const z = climbed(now.z, before, now.slope, step, rho, p);
      if (i === iterations) {
        // Nobody climbs on from the last point, so its gradient is not needed.
        const loss = await withTree(z, (end) => withTree(near.at(end), objective.loss));
        return Math.max(best.loss, loss);
      }
      const next = await pointAt(objective, near, z);
      dispose(before, now.slope);
      before = now.z;
      now = next;
      sinceCheckpoint += 1;
      if (now.loss > best.loss) {
        improved += 1;
        dispose(best);
        best = clone(now);
      }
      if (!judged.has(i)) continue;
      const stalled = last.step === step && last.loss === best.loss;
      const failing = improved < IMPROVED * sinceCheckpoint;
      last = { step, loss: best.loss };
      [improved, sinceCheckpoint] = [0, 0];
      if (!stalled && !failing) continue;
      step /= 2;
      dispose(now, before);
      now = clone(best);
      before = clone(best.z);
    }
    return best.loss;
  } finally {
    dispose(now, best, before);
  }
}
