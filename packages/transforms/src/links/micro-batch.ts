import { checkNumber, count } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { bySlices } from './by-slices.ts';
import { call } from './call.ts';
import type { Slice } from './combine.ts';
import { exampleCount, isExamples, mapExamples } from './examples.ts';
import { foldKeys } from './fold-keys.ts';
import type { SliceOptions } from './slice-options.ts';

const rows = (leaf: Tensor, begin: number, size: number): Tensor =>
  tf.slice(leaf, [begin, ...leaf.shape.slice(1).map(() => 0)], [size, ...leaf.shape.slice(1)]);

/** The slices of m examples of a batch; the batch itself when it has no more. */
function slicesOf<B extends Tree>(batch: B, m: number, shared: SliceOptions<B>['shared']): readonly Slice<B>[] {
  const chosen = isExamples('microBatch', batch, shared);
  const size = exampleCount('microBatch', batch, chosen);
  if (size <= m) return [{ batch: () => batch, examples: size }];
  return Array.from({ length: Math.ceil(size / m) }, (_, index) => {
    const examples = Math.min(m, size - index * m);
    const slice = () => mapExamples(foldKeys(batch, index), chosen, (leaf) => rows(leaf, index * m, examples));
    return { batch: slice, examples };
  });
}

/**
 * Evaluates a batch in slices of `m` examples and averages what they give, Σ W_s·x_s / Σ W_s, with each slice's number
 * of examples as its weight, or the weight that is given.
 *
 * Behind `samTransform` it makes m-sharpness: every slice has its own ε̂ and the SAM gradients are averaged. Before it,
 * it is gradient accumulation: one ε̂ for the whole batch with the memory of m examples. Gradients, value, report and
 * the states of the links before it are averaged leaf by leaf, and the aux unless it is declared otherwise. Integers
 * have no mean: those that agree, as counts of updates do, stay, and others give -2³¹. A batch of at most m examples is
 * evaluated as it is. A random key in the batch is folded with the slice's index, so that slices draw their own dropout
 * masks.
 *
 * A loss that is a mean by weights, or over tokens that count, needs `weight`, the number that it divides by; then what
 * the slices give is what the whole batch gives. A slice of weight 0 contributes nothing, also where its values are
 * NaN. Where all weights are 0 the slices count by their examples, so that the result is what the loss gives for
 * nothing.
 *
 * @param m - Examples in a slice; the last slice may be smaller.
 * @throws When m is not a positive whole number or an option is none; at an update, when the batch's tensors differ in
 * their first dimension and are not `shared`, or the aux holds what has no mean, such as logits, and does not declare
 * it.
 * @see Foret et al., ICLR 2021, sections 3.1 and 4.1 (m-sharpness).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { chain, microBatch, samTransform } from '@steppe/transforms';
 *
 * const mSharpness = chain(samTransform(0.05), microBatch(2));
 * const gradient = (w: tf.Tensor, x: tf.Tensor) => ({ value: tf.mean<tf.Scalar>(x), grads: tf.add(w, tf.mean(x)), aux: null });
 * const w = tf.scalar(0);
 * const [{ value }] = mSharpness.update(gradient, mSharpness.init(w), w, tf.tensor1d([1, 2, 6]));
 * console.log(value.arraySync()); // => 3
 *
 * // A mean over the tokens that count: two of the first two examples' and none of the third's.
 * const byTokens = microBatch(2, { weight: (counts: tf.Tensor) => tf.sum<tf.Scalar>(counts), aux: { tokens: 'sum' } });
 * const masked = (w: tf.Tensor, counts: tf.Tensor) => {
 *   const tokens = tf.sum<tf.Scalar>(counts);
 *   return { value: tf.div<tf.Scalar>(tokens, tokens), grads: w, aux: { tokens } };
 * };
 * const [whole] = byTokens.update(masked, null, w, tf.tensor1d([1, 1, 0]));
 * console.log(whole.value.arraySync(), whole.aux.tokens.arraySync()); // => 1 2
 * ```
 */
export function microBatch(m: number): GradientTransformation<null>;
export function microBatch<Batch extends Tree = Tree>(
  m: number,
  options: SliceOptions<Batch>,
): GradientTransformation<null, NoInfer<Batch>>;
export function microBatch<Batch extends Tree>(
  m: number,
  ...options: readonly SliceOptions<Batch>[]
): GradientTransformation<null, Batch> {
  checkNumber('m', m, ['a positive whole number of examples', count[1]]);
  const [given = {}] = options;
  return bySlices(call('microBatch', m, ...options), given, (batch) => slicesOf(batch, m, given.shared));
}
