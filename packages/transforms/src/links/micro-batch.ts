import { checkNumber, count } from '@steppe/check';
import { foldIn, isKey } from '@steppe/random';
import { dispose, map, map2, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { exampleCount, isExamples, isStepBatch, mapExamples } from './examples.ts';
import { transformation } from './transformation.ts';

const rows = (leaf: Tensor, begin: number, size: number): Tensor =>
  tf.slice(leaf, [begin, ...leaf.shape.slice(1).map(() => 0)], [size, ...leaf.shape.slice(1)]);

/** Adds a slice's term to the sum so far; what is no float agrees between slices and stays. */
function accumulate(sum: Tensor, term: Tensor, path: string): Tensor {
  if (sum.dtype !== 'float32') return sum;
  if (sum.shape.join() !== term.shape.join())
    throw new Error(
      `microBatch averages what slices give, got [${sum.shape}] and [${term.shape}] at "${path}": return means over the examples.`,
    );
  return tf.add(sum, term);
}

/** Gives every slice a random key of its own: slices must not share one dropout mask, and nested ones must not meet
 * again. */
function foldKeys(tree: Tree, index: number): Tree {
  // The model's state is one for all.
  if (isStepBatch(tree)) return { ...tree, batch: foldKeys(tree.batch, index), key: foldIn(tree.key, index) };
  if (typeof tree !== 'object' || tree === null || tree instanceof tf.Tensor) return tree;
  if (isKey(tree)) return foldIn(tree, index);
  if (Array.isArray(tree)) return tree.map((child: Tree) => foldKeys(child, index));
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, foldKeys(child as Tree, index)]));
}

/** The mean of what `f` gives for the slices of a batch, weighted by their sizes; what is not float32 is that of the
 * first slice. */
function averaged<Batch extends Tree, T extends Tree>(batch: Batch, m: number, f: (slice: Batch) => T): T {
  const chosen = isExamples('microBatch', batch);
  const size = exampleCount('microBatch', batch, chosen);
  if (size <= m) return f(batch);
  const weighted = (index: number): T =>
    pure(() => {
      const begin = index * m;
      const examples = Math.min(m, size - begin);
      const slice = mapExamples(foldKeys(batch, index) as Batch, chosen, (leaf) => rows(leaf, begin, examples));
      return map(f(slice), (leaf) => (leaf.dtype === 'float32' ? tf.mul(leaf, examples / size) : leaf));
    });
  let mean = weighted(0);
  for (let index = 1; index * m < size; index++) {
    const before = mean;
    mean = pure(() => map2(before, weighted(index), accumulate));
    dispose(before);
  }
  return mean;
}

/**
 * Evaluates a batch in slices of `m` examples and averages what they give, each weighted by its number of examples.
 *
 * Behind `samTransform` it makes m-sharpness: every slice has its own ε̂ and the SAM gradients are averaged. Before it,
 * it is gradient accumulation: one ε̂ for the whole batch with the memory of m examples. Gradients, value, aux, report
 * and the states of the links before it are averaged leaf by leaf; int32 leaves (counts) agree and stay. A batch of at
 * most m examples is evaluated as it is. A random key in the batch is folded with the slice's index, so that slices
 * draw their own dropout masks.
 *
 * @param m - Examples in a slice; the last slice may be smaller.
 * @throws When m is not a positive whole number; at an update, when the batch's tensors differ in their first
 * dimension.
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
 * ```
 */
export function microBatch(m: number): GradientTransformation<null> {
  checkNumber('m', m, ['a positive whole number of examples', count[1]]);
  return transformation({
    ...call('microBatch', m),
    gradientCost: 1,
    init: () => null,
    update: (gradient, state, params, batch) => [averaged(batch, m, (slice) => gradient(params, slice)), state],
    hvp: (upstream, _state, params, batch, v) => averaged(batch, m, (slice) => upstream(params, slice, v)),
  });
}
