import { aNumber, type Check, checkFunction, checkOptions, count } from '@steppe/check';
import { leaves, minus, norm, pure, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import { checkWeights } from '../check-weights.ts';
import type { Wanted } from '../operators/operator.ts';
import { spectralNorm } from './spectral-norm.ts';
import { withTree } from './with-tree.ts';

/** What the norms are taken of. */
export type WeightNormOptions<P extends Tree> = {
  /** w₀, such as the initial weights. @defaultValue none */
  readonly from?: P;
  /** Chooses the leaves that are kernels, `[..., inputs, outputs]`. @defaultValue those of two axes, or of four */
  readonly kernels?: Wanted;
  /** The side of the convolutions' inputs, as for `spectralNorm`, which they need: one for all, or by the path. */
  readonly grid?: number | ((path: string) => number);
};

/** The norms of a layer. */
export type LayerNorms = { readonly path: string; readonly spectral: number; readonly frobenius: number };

/** The norms of weights that measures of capacity are made of. */
export type WeightNorms = {
  /** ‖w‖₂ over all leaves. */
  readonly norm: number;
  /** ‖w - w₀‖₂; `null` where no w₀ is given. */
  readonly distance: number | null;
  /** Σ ln ‖W‖²_spec over kernels: the logarithm of the product. */
  readonly logSpectral: number;
  /** Σ ‖W‖²_F / ‖W‖²_spec over kernels, the sum of their stable ranks. */
  readonly stableRank: number;
  readonly layers: readonly LayerNorms[];
};

const aGrid: Check = (name, value) => (typeof value === 'function' ? checkFunction : aNumber(count))(name, value);

const read = async (scalar: Scalar): Promise<number> => (await withTree(scalar, (x) => x.data()))[0] as number;

/**
 * Measures the norms of weights that bounds of capacity are made of: ‖w‖, ‖w - w₀‖, Σ ln ‖W‖²_spec and Σ ‖W‖²_F/‖W‖²_spec.
 *
 * They need no data. None but the stable rank stays the same when layers are rescaled, and with batch normalization the
 * size of a kernel before it changes nothing that the network computes.
 *
 * @param params - w, any tree; it is not changed.
 * @throws When an option is unknown, a kernel is zero, or a convolution comes without `grid`.
 * @see Jiang et al., Fantastic Generalization Measures and Where to Find Them, ICLR 2020.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { weightNorms } from '@steppe/sharpness';
 *
 * const found = await weightNorms({ kernel: tf.tensor2d([[3, 0], [0, 4]]), bias: tf.zeros([2]) });
 * console.log(found.norm, found.stableRank.toFixed(4)); // => 5 1.5625
 * ```
 */
export async function weightNorms<P extends Tree>(params: P, options: WeightNormOptions<P> = {}): Promise<WeightNorms> {
  checkOptions('weightNorms', options, { from: () => undefined, kernels: checkFunction, grid: aGrid });
  checkWeights('weightNorms', params);
  const { from, kernels = (_, { rank }) => rank === 2 || rank === 4, grid } = options;
  const sideOf = (path: string) => (typeof grid === 'function' ? grid(path) : grid);
  const layers: LayerNorms[] = [];
  for (const { path, leaf } of leaves(params)) {
    if (leaf.size === 0 || !kernels(path, leaf)) continue;
    const spectral = await spectralNorm(leaf, { grid: leaf.rank > 2 ? sideOf(path) : undefined });
    if (!(spectral > 0)) throw new Error(`The kernel "${path || '.'}" is zero, so its norms have no logarithm.`);
    layers.push({ path, spectral, frobenius: await read(norm(leaf)) });
  }
  return {
    norm: await read(norm(params)),
    distance: from === undefined ? null : await read(pure(() => norm(minus(params, from)))),
    logSpectral: layers.reduce((sum, { spectral }) => sum + 2 * Math.log(spectral), 0),
    stableRank: layers.reduce((sum, { spectral, frobenius }) => sum + (frobenius / spectral) ** 2, 0),
    layers,
  };
}
