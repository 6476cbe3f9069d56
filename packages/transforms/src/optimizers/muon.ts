import { aNumber, checkFunction, checkOptions, nonNegative } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';
import type { GradientTransformation, Schedule, Select } from '../contract.ts';
import { addDecayedWeights } from '../links/add-decayed-weights.ts';
import { call } from '../links/call.ts';
import { chain } from '../links/chain.ts';
import { checkOptimizer } from '../links/check-optimizer.ts';
import { partition } from '../links/partition.ts';
import { transformation } from '../links/transformation.ts';
import { adam } from './aliases.ts';
import { scaleByLearningRate } from './learning-rate.ts';
import { muonOptions, type ScaleByMuonOptions, scaleByMuon } from './scale-by-muon.ts';
import { type ScaleByShapeOptions, scaleByShape, shapeOptions } from './scale-by-shape.ts';

/** The states of Muon's matrices and of the rest, each where there are such leaves. */
export type MuonState = { readonly matrices?: Tree; readonly rest?: Tree };

export type MuonOptions = ScaleByMuonOptions &
  ScaleByShapeOptions & {
    /** The leaves that are Muon's. @defaultValue those of at least two axes */
    readonly select?: Select;
    /** The optimizer of the other leaves, with its own learning rate. @defaultValue `adam(learningRate)` */
    readonly rest?: GradientTransformation<Tree>;
    /** Decoupled decay λ of Muon's leaves. @defaultValue 0 */
    readonly weightDecay?: number;
  };

/**
 * Makes Muon: matrices and kernels step along their orthogonalized momentum, the rest by Adam.
 *
 * `partition({ matrices: chain(scaleByMuon(options), scaleByShape(options), addDecayedWeights(weightDecay),
 * scale(-learningRate)), rest: adam(learningRate) })`, without the group that has no leaf. Muon's authors leave
 * embeddings and the last layer to the rest too: `select` says so. Both groups see one gradient, so that SAM stands before:
 * `chain(samTransform(rho), muon(rate))`. optax hands its Nesterov flag to Adam too; give `rest` what it shall be.
 *
 * @throws When an option is unknown or out of its range, or `rest` climbs.
 * @see Jordan et al., Muon, 2024, https://kellerjordan.github.io/posts/muon; optax.contrib.muon.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { muon } from '@steppe/transforms';
 *
 * const optimizer = muon(0.02);
 * const params = { kernel: tf.zeros([2, 2]), bias: tf.zeros([2]) };
 * const gradient = () => ({ value: tf.scalar(0), grads: { kernel: tf.eye(2), bias: tf.ones([2]) }, aux: null });
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(params), params, null);
 * console.log(grads.kernel.dataSync()[0]?.toFixed(4), grads.bias.dataSync()[0]?.toFixed(4)); // => -0.0222 -0.0200
 * ```
 */
export function muon(learningRate: number | Schedule, options: MuonOptions = {}): GradientTransformation<MuonState> {
  checkOptions('muon', options, {
    ...muonOptions,
    ...shapeOptions,
    select: checkFunction,
    rest: checkOptimizer,
    weightDecay: aNumber(nonNegative),
  });
  const { select = (_, { rank }) => rank >= 2, rest = adam(learningRate), weightDecay = 0, ...others } = options;
  const { consistentRms, ...moments } = others;
  const shape = consistentRms === undefined ? {} : { consistentRms };
  const groups = {
    matrices: {
      select,
      link: chain(
        scaleByMuon(moments),
        scaleByShape(shape),
        addDecayedWeights(weightDecay),
        scaleByLearningRate(learningRate),
      ),
    },
    rest: { select: ((path, leaf) => !select(path, leaf)) satisfies Select, link: rest },
  };
  const all = partition(groups);
  /** `partition` refuses a group without leaves, and a network may have matrices alone. */
  const of = (params: Tree): GradientTransformation<MuonState> => {
    const { matrices, rest: others } = groups;
    const has = (group: { readonly select: Select }) =>
      leaves(params).some(({ path, leaf }) => group.select(path, leaf));
    if (!has(matrices)) return partition({ rest: others });
    return has(others) ? all : partition({ matrices });
  };
  return transformation({
    ...all,
    ...call('muon', learningRate, options),
    sign: all.sign,
    uphill: true,
    init: (params) => of(params).init(params),
    update: (gradient, state, params, batch) => of(params).update(gradient, state, params, batch),
  });
}
