import type { Tensor } from '@tensorflow/tfjs-core';

/** What a tree carries beside its tensors: plain data such as the numbers of a random key or the phase of a link;
 * `null` is the empty tree. */
export type Static = null | undefined | string | number | boolean;

/**
 * Describes parameters, gradients, batches and states: nested records and arrays whose leaves are tensors.
 *
 * Plain data between the tensors is part of the structure, not a leaf: `map` carries it along unchanged.
 * Declare your own shapes with `type`, not `interface`: TypeScript gives only type aliases an index signature.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import type { Tree } from '@steppe/tree';
 *
 * type Params = { layers: { kernel: tf.Tensor; bias: tf.Tensor }[]; temperature: number };
 * const params = { layers: [{ kernel: tf.ones([2, 3]), bias: tf.zeros([3]) }], temperature: 1 } satisfies Params;
 * const tree: Tree = params;
 * console.log(Object.keys(tree)); // => [ 'layers', 'temperature' ]
 * ```
 */
export type Tree = Tensor | Static | readonly Tree[] | { readonly [key: string]: Tree };
