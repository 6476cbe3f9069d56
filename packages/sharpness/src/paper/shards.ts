import { checkNumber, count } from '@steppe/check';
import { dispose, leaves, map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Batches, checkBatches, sequence } from '../examples.ts';

/**
 * Cuts batches into shards of m examples, so that a measure by batches becomes one by shards: m-sharpness for any m.
 *
 * The last shard of a batch may have fewer. All tensors of a batch are cut along their first dimension but scalars, which
 * every shard has whole. The shards are made anew at every pass, and freed by the measure; the batches of a list stay
 * yours.
 *
 * @param batches - The examples, see `Batches`.
 * @param m - How many examples a shard has.
 * @throws When m is no positive whole number; at a pass, when the tensors of a batch differ in their first dimension.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { samSharpness, shards } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mean(tf.mul(w, x));
 * const batches = [tf.tensor1d([1, -1, 2])];
 * const { values } = await samSharpness(loss, tf.tensor1d([0]), shards(batches, 1), { rho: 0.5 });
 * console.log(values); // => [ 0.5, 0.5, 1 ]
 * ```
 */
export function shards<Batch extends Tree>(batches: Batches<Batch>, m: number): () => AsyncIterable<Batch> {
  checkBatches('shards', batches);
  checkNumber('m', m, count);
  return async function* () {
    const ours = typeof batches === 'function';
    let number = 0;
    for await (const batch of sequence(batches)) {
      number += 1;
      try {
        const examples = exampleCount(batch, number);
        for (let from = 0; from < examples; from += m)
          yield pure(() =>
            map(batch, (leaf) => {
              if (leaf.rank === 0) return leaf;
              const rest = leaf.shape.slice(1);
              return tf.slice(leaf, [from, ...rest.map(() => 0)], [Math.min(m, examples - from), ...rest]);
            }),
          );
      } finally {
        if (ours) dispose(batch);
      }
    }
  };
}

function exampleCount(batch: Tree, number: number): number {
  const freed = leaves(batch).find(({ leaf }) => leaf.isDisposed);
  if (freed)
    throw new Error(
      `Batch ${number} holds a tensor that is already freed, at "${freed.path || '.'}": a function makes new batches at every pass, since they are freed; a list keeps its own.`,
    );
  const [first, ...rest] = leaves(batch).filter(({ leaf }) => leaf.rank > 0);
  const examples = first?.leaf.shape[0];
  const odd = rest.find(({ leaf }) => leaf.shape[0] !== examples);
  if (examples === undefined || odd)
    throw new Error(
      `Shards are cut along the first dimension of all tensors of a batch: in batch ${number} ${odd ? `"${first?.path || '.'}" has ${examples}, "${odd.path}" has ${odd.leaf.shape[0]}` : 'there is none'}.`,
    );
  return examples;
}
