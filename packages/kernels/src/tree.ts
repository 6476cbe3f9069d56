import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/**
 * Names the kernel of the norm ‖a‖ over all leaves of a tree.
 *
 * Like every kernel of this file it takes its inputs as a list, as tfjs's AddN does, all of them float32.
 * Inputs: the leaves of a. Output: a scalar.
 */
export const TreeNorm = 'SteppeTreeNorm';

/** Names the kernel of the inner product ⟨a, b⟩. Inputs: the leaves of a, then those of b. Output: a scalar. */
export const TreeDot = 'SteppeTreeDot';

/** Names the kernel of c·a. Inputs: the leaves of a, then the scalar c. Outputs: a leaf for every leaf of a. */
export const TreeScale = 'SteppeTreeScale';

/** Names the kernel of a + c·b. Inputs: the leaves of a, those of b, the scalar c. Outputs: a leaf for every leaf of
 * a. */
export const TreeAddScaled = 'SteppeTreeAddScaled';

/** Names the kernel of c·a / ‖a‖₂. Inputs: the leaves of a, then the scalar c. Outputs: a leaf for every leaf, and
 * ‖a‖₂. */
export const TreeNormalize = 'SteppeTreeNormalize';

/**
 * Names the kernel of a step of momentum: g = gradient + decay · w, trace ← momentum · trace + g, w ← w - rate · trace,
 * or with Nesterov's look ahead w ← w - rate · (momentum · trace + g).
 *
 * Inputs: the weights, the gradients, the traces, and the scalars rate, momentum and decay.
 * Outputs: the new weights, then the new traces.
 */
export const TreeMomentum = 'SteppeTreeMomentum';

/** Holds the attribute of every kernel over trees. */
export type TreeAttrs = {
  /** The number of leaves of each tree. */
  readonly count: number;
};

/** Holds the attributes of `TreeNorm`. */
export type TreeNormAttrs = TreeAttrs & {
  /** The p of the norm, one of `TREE_NORM_ORDERS`. */
  readonly order: number;
};

/** Holds the attributes of `TreeMomentum`. */
export type TreeMomentumAttrs = TreeAttrs & {
  /** Whether the step looks ahead along the new trace, as Nesterov's does. */
  readonly nesterov: boolean;
};

/**
 * Types the engine of tfjs as what runs these kernels: it hands a kernel its inputs as they come, a list too, though its
 * own type speaks of names alone.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import type { ListEngine } from '@steppe/kernels';
 *
 * const lists: ListEngine = tf.engine();
 * const sum = lists.runKernel<tf.Tensor>('AddN', [tf.scalar(1), tf.scalar(2)]);
 * console.log(sum.arraySync()); // => 3
 * ```
 */
export type ListEngine = {
  // A method, whose parameters TypeScript compares both ways: a list is wider than what the engine's own type takes.
  runKernel<Result extends Tensor | Tensor[]>(
    name: string,
    inputs: NamedTensorMap | readonly Tensor[],
    attrs?: NamedAttrMap,
  ): Result;
};

/** Lists the norms that `TreeNorm` computes: ‖a‖₁, ‖a‖₂ and ‖a‖∞. */
export const TREE_NORM_ORDERS: readonly number[] = [1, 2, Number.POSITIVE_INFINITY];
