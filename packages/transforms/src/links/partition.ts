import { checkOptions, checkRecord } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';
import type { Evaluation, GradientTransformation, Product, Select } from '../contract.ts';
import { call } from './call.ts';
import type { SeenBy } from './chain.ts';
import { checkFunctions, checkLink } from './check-link.ts';
import { costOf } from './cost.ts';
import { inPlaceOf } from './in-place-of.ts';
import { masked } from './masked.ts';
import { checkAssignment, merge, only } from './select.ts';
import { transformation } from './transformation.ts';

/** A group of parameters and what transforms their gradient. */
export type Group<State extends Tree, Seen extends Tree = Tree> = {
  readonly select: Select;
  readonly link: GradientTransformation<State, Seen>;
};

/** The states of the groups, by name. */
export type PartitionState<Groups extends { readonly [name: string]: Group<Tree, never> }> = {
  readonly [Name in keyof Groups]: Groups[Name] extends Group<infer State, never> ? State : never;
};

type SeenByGroups<Groups extends { readonly [name: string]: Group<Tree, never> }> = SeenBy<
  Groups[keyof Groups]['link']
>;

function checkGroups(groups: { readonly [name: string]: Group<Tree, never> }): void {
  checkRecord('The groups of partition', groups);
  for (const [name, group] of Object.entries(groups)) {
    checkOptions(`Group "${name}" of partition`, group, ['select', 'link']);
    checkLink(`link of group "${name}"`, group.link);
    checkFunctions({ [`select of group "${name}"`]: group.select });
  }
  const goes = (name: string, sign: 1 | -1): boolean => {
    const { sign: own, made } = groups[name]?.link ?? {};
    // One that is frozen goes nowhere.
    return own === sign && !(made?.name === 'freeze' && made.args.length === 1);
  };
  const [turned, left] = ([-1, 1] as const).map((sign) => Object.keys(groups).find((name) => goes(name, sign)));
  if (turned !== undefined && left !== undefined)
    throw new Error(
      `Groups of partition must go the same way: "${turned}" turns the gradient around and "${left}" does not. Put what turns it, such as sgd(0.1), into each or behind partition in the chain.`,
    );
}

/**
 * Gives each group of parameters a transformation of its own: learning rates, decays, even SAM by group.
 *
 * Every group's transformation sees its own leaves, with the others held at w. A `samTransform` before the partition
 * has one global norm over all leaves; one inside has the norm of its group, and perturbs that group alone. The
 * gradient at w is evaluated once for all groups; a group that evaluates elsewhere pays for that itself, and so does
 * `microBatch` in a group, whose slices are no shared batch: put it before or behind the partition. The evaluation's
 * value, aux and report are those at w; groups' reports are merged.
 *
 * Second derivatives and functional gradients pass where each group adds what depends on its weights alone, as decay by
 * group; groups that multiply the gradient make it the gradient of nothing, unless all do by one factor, which belongs
 * behind the partition.
 *
 * @param groups - By name; every leaf must belong to exactly one.
 * @throws When a group is not a record of `select` and `link`, or one turns the gradient around and another does not;
 * at `init`, when a leaf belongs to no group or to two,
 * with its path and the groups, and when a group has no leaf, with the paths that there are.
 * @see optax.partition
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { partition, scale } from '@steppe/transforms';
 *
 * const optimizer = partition({
 *   biases: { select: (path) => path.endsWith('.bias'), link: scale(-0.2) },
 *   rest: { select: (path) => !path.endsWith('.bias'), link: scale(-0.1) },
 * });
 * const params = { kernel: tf.scalar(1), bias: tf.scalar(1) };
 * const gradient = () => ({ value: tf.scalar(0), grads: { kernel: tf.scalar(1), bias: tf.scalar(1) }, aux: null });
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(params), params, null);
 * console.log(grads.kernel.arraySync().toFixed(1), grads.bias.arraySync().toFixed(1)); // => -0.1 -0.2
 * ```
 */
export function partition<const Groups extends { readonly [name: string]: Group<Tree, never> }>(
  groups: Groups,
): GradientTransformation<PartitionState<Groups>, SeenByGroups<Groups>> {
  checkGroups(groups);
  const links = Object.values(groups).map(({ link }) => link);
  const entries = Object.entries(groups).map(([name, { select, link }]) => ({
    name,
    select,
    // What one of them sees, all of them are given.
    link: masked(link as GradientTransformation<Tree, SeenByGroups<Groups>>, select),
  }));
  const adds = links.every((link) => link.adds);
  return transformation({
    ...call('partition', groups),
    // The groups' signs may differ: what stands behind them must not take the whole for a gradient if one is turned.
    sign: links.find(({ sign = 1 }) => sign !== 1)?.sign ?? 1,
    uphill: links.some(({ uphill }) => uphill),
    ...costOf(links, (costs) => costs.reduce((sum, cost) => sum + cost - 1, 1)),
    init(params) {
      checkAssignment('partition', params, groups);
      return Object.fromEntries(entries.map(({ name, link }) => [name, link.init(params)])) as PartitionState<Groups>;
    },
    update(gradient, states, params, batch) {
      // Every group begins at w: tensors are values, so one evaluation serves them all.
      const here = gradient(params, batch);
      const at = leaves(params).map(({ leaf }) => leaf.id);
      const shared = inPlaceOf(gradient, (where, examples) =>
        examples === batch && leaves(where).every(({ leaf }, i) => leaf.id === at[i])
          ? here
          : gradient(where, examples),
      );
      let merged: Evaluation<typeof params, Tree> = here;
      const next = entries.map(({ name, select, link }) => {
        const [evaluation, state] = link.update(shared, states[name] as Tree, params, batch);
        merged = {
          ...merged,
          grads: merge(merged.grads, only(evaluation.grads, select)),
          report: { ...merged.report, ...evaluation.report },
        };
        return [name, state];
      });
      return [{ ...here, grads: merged.grads, report: { ...merged.report } }, Object.fromEntries(next)];
    },
    adds,
    ...(adds && {
      linear: (product, states, params, batch, weights) =>
        entries.reduce(
          (all: Product<typeof params, typeof batch>, { name, link }): typeof all =>
            (at, of) =>
              link.linear?.(all, states[name] as Tree, at, of, weights) ?? all(at, of),
          product,
        )(params, batch),
    }),
  });
}
