import { isKey } from '@steppe/random';
import { leaves, map, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Select, StepBatch } from '../contract.ts';
import { checkFunctions } from './check-link.ts';
import { checkSelection } from './select.ts';

const isRecord = (batch: Tree): batch is { readonly [name: string]: Tree } =>
  typeof batch === 'object' && batch !== null && !(batch instanceof tf.Tensor) && !Array.isArray(batch);

/**
 * Tells whether a batch is several of them, as `together` makes it.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { isTogether, together } from '@steppe/transforms';
 *
 * const x = tf.tensor1d([1]);
 * console.log(isTogether(together([x, x])), isTogether(x)); // => true false
 * ```
 */
export const isTogether = (batch: Tree): batch is { readonly together: readonly Tree[] } =>
  isRecord(batch) && Object.keys(batch).join() === 'together' && Array.isArray(batch.together);

/** Whether a batch is the one that a training step hands its optimizer. */
export const isStepBatch = (batch: Tree): batch is StepBatch =>
  isRecord(batch) && Object.keys(batch).sort().join() === 'batch,key,state' && isKey(batch.key);

/**
 * Tells which leaves of a batch are lists of examples, along their first dimension: all but scalars, what `shared`
 * chooses, and the model's state in a training step's batch.
 *
 * @throws When `shared` chooses no leaf.
 */
export function isExamples(what: string, batch: Tree, shared?: Select): Select {
  if (shared !== undefined) checkSelection(`shared of ${what}`, batch, shared, 'batch');
  const inStep = isStepBatch(batch);
  return (path: string, leaf: Tensor) =>
    leaf.rank > 0 && !(inStep && path.startsWith('.state')) && !(shared?.(path, leaf) ?? false);
}

/**
 * The number of examples: the first dimension of all leaves that are lists of them.
 *
 * @throws When there is none, or they differ.
 */
export function exampleCount(what: string, batch: Tree, chosen: Select): number {
  if (isTogether(isStepBatch(batch) ? batch.batch : batch))
    throw new Error(
      `${what} takes one batch, and batches that are put together reach it behind accumulate: put it before, chain(${what}(...), accumulate()).`,
    );
  const [first, ...rest] = leaves(batch).filter(({ path, leaf }) => chosen(path, leaf));
  if (first === undefined)
    throw new Error(`${what} needs a batch of tensors with the examples along their first dimension, got none.`);
  const size = first.leaf.shape[0] as number;
  for (const { path, leaf } of rest)
    if (leaf.shape[0] !== size)
      throw new Error(
        `All tensors of a batch have one first dimension: "${first.path || '.'}" has ${size}, "${path}" has ${leaf.shape[0]}. Choose what is no list of examples by the option shared of ${what}.`,
      );
  return size;
}

/**
 * Counts the examples of a batch: the first dimension that all its tensors have but scalars, those that `shared`
 * chooses, and the model's state in a `StepBatch`.
 *
 * @param what - Who asks, for messages.
 * @throws When there is no such tensor, they differ, or `shared` chooses none.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { countExamples } from '@steppe/transforms';
 *
 * const batch = { classWeights: tf.ones([10]), x: tf.ones([32, 2]), y: tf.ones([32]) };
 * console.log(countExamples(batch, (path) => path === '.classWeights')); // => 32
 * ```
 */
export function countExamples(batch: Tree, shared?: Select, what = 'countExamples'): number {
  if (shared !== undefined) checkFunctions({ shared });
  return exampleCount(what, batch, isExamples(what, batch, shared));
}

/** The batch with each list of examples replaced by what `f` makes of it, and all else as it is. */
export const mapExamples = <Batch extends Tree>(batch: Batch, chosen: Select, f: (leaf: Tensor) => Tensor): Batch =>
  map(batch, (leaf, path) => (chosen(path, leaf) ? f(leaf) : leaf));
