import { checkOptions, checkRecord } from '@steppe/check';
import type { Schedule, Select } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkFunctions, checkScheduled } from '../links/check-link.ts';
import { valueAt } from '../links/counted.ts';
import { checkAssignment } from '../links/select.ts';
import { ballOf, type GroupRadii } from './ball.ts';
import { checkNorm } from './norm-exponent.ts';
import { productOfBalls } from './product-of-balls.ts';

/** A group of parameters and how far SAM moves them. */
export type RadiusOfGroup = {
  readonly select: Select;
  /** ρ ≥ 0, or a schedule of it; 0 leaves the group where it is. */
  readonly rho: number | Schedule;
  /** The norm of the group's ball. @defaultValue that of the link */
  readonly p?: number;
};

/**
 * Gives each group of parameters a radius and a norm of its own in one SAM: the ε that maximizes ⟨ε, g⟩ subject to
 * ‖ε_k‖_{p_k} ≤ ρ_k for every group k, ε_k = ρ_k · sign(g_k)·|g_k|^(q_k-1) / (‖g_k‖_{q_k}^{q_k})^(1/p_k).
 *
 * It stands for ρ in `samTransform` and what is made of it: all groups move at once, so a step still costs two
 * gradients, where a `samTransform` in each group of a `partition` moves one group alone and costs one for each. With
 * `partition` behind it, groups have their own learning rates and decays too. Each group has a norm of its own, so a
 * group's ε_k does not depend on how large the others' gradients are; to first order the loss rises by Σ_k ρ_k‖g_k‖_{q_k}.
 * The report has `rho`, `gradientNorm` and `epsilonHatNorm` by group, as `rho.head`. For `comparableRadius`, n is the
 * size of the group.
 *
 * @param groups - By name; every leaf must belong to exactly one.
 * @throws When a group is not a record of `select`, `rho` and `p`, or one of them is out of range; at `init`, when a
 * leaf belongs to no group or to two, with its path and the groups, and when a group has no leaf, with the paths that
 * there are.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { byGroup, chain, partition, samTransform, sgd } from '@steppe/transforms';
 *
 * const isBias = (path: string) => path.endsWith('bias');
 * const isKernel = (path: string) => path.endsWith('kernel');
 * const optimizer = chain(
 *   samTransform(byGroup({ kernels: { select: isKernel, rho: 1 }, biases: { select: isBias, rho: 0 } })),
 *   partition({ kernels: { select: isKernel, link: sgd(0.1) }, biases: { select: isBias, link: sgd(0.5) } }),
 * );
 * const params = { kernel: tf.tensor1d([3, 4]), bias: tf.scalar(2) };
 * const gradient = (w: typeof params) => ({ value: tf.scalar(0), grads: w, aux: null }); // L(w) = ½‖w‖²
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(params), params, null);
 * console.log([...grads.kernel.dataSync()].map((x) => x.toFixed(2)), grads.bias.arraySync()); // => [ '-0.36', '-0.48' ] -1
 * console.log(optimizer.gradientCost); // => 2
 * ```
 */
export function byGroup(groups: { readonly [name: string]: RadiusOfGroup }): GroupRadii {
  checkRecord('The groups of byGroup', groups);
  const entries = Object.entries(groups);
  if (entries.length === 0) throw new Error('byGroup needs at least one group, got none.');
  for (const [name, group] of entries) {
    checkOptions(`Group "${name}" of byGroup`, group, ['select', 'rho', 'p']);
    checkFunctions({ [`select of group "${name}"`]: group.select });
    checkScheduled(`rho of group "${name}"`, group.rho);
    if (group.p !== undefined) checkNorm(group.p);
  }
  return {
    ...call('byGroup', groups),
    ballAt: (count, p) =>
      productOfBalls(
        entries.map(([name, { select, rho, p: own = p }]) => ({
          name,
          select,
          ball: ballOf(valueAt(rho, count), own),
        })),
      ),
    check: (params) => checkAssignment('byGroup', params, groups),
  };
}
