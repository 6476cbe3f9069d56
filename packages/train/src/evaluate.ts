import type { Report } from '@steppe/transforms';
import { dispose, leaves, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { breathe } from './breathe.ts';

/**
 * Reads named scalars back to the host, all in one transfer; the scalars stay the caller's.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { readScalars } from '@steppe/train';
 *
 * console.log(await readScalars({ loss: tf.scalar(0.5), rho: tf.scalar(0.25) })); // => { loss: 0.5, rho: 0.25 }
 * ```
 */
export async function readScalars(scalars: Report): Promise<{ readonly [name: string]: number }> {
  const names = Object.keys(scalars);
  if (names.length === 0) return {};
  const stacked = tf.tidy(() => tf.stack(names.map((name) => tf.cast(scalars[name] as tf.Scalar, 'float32'))));
  try {
    const values = await stacked.data();
    return Object.fromEntries(names.map((name, i) => [name, values[i] as number]));
  } finally {
    stacked.dispose();
  }
}

const exampleCount = (batch: Tree): number => leaves(batch).find(({ leaf }) => leaf.rank > 0)?.leaf.shape[0] ?? 1;

/**
 * Averages measurements over held-out batches, each batch weighted by its number of examples.
 *
 * @param measure - Gives named scalars that are means over the batch, such as `{ loss, accuracy }`.
 * @param batches - Any iterable of batches; each is freed when it is measured.
 * @returns The weighted means, and `examples`, their number.
 * @throws When `measure` or the batches do; nothing is left behind.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { evaluate } from '@steppe/train';
 *
 * const batches = [tf.tensor1d([1, 2]), tf.tensor1d([6])];
 * console.log(await evaluate((x: tf.Tensor) => ({ mean: tf.mean<tf.Scalar>(x) }), batches)); // => { mean: 3, examples: 3 }
 * ```
 */
export async function evaluate<Batch extends Tree>(
  measure: (batch: Batch) => Report,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
): Promise<{ readonly [name: string]: number; readonly examples: number }> {
  const sums: Record<string, number> = {};
  let examples = 0;
  for await (const batch of batches) {
    const count = exampleCount(batch);
    let scalars: Report = {};
    try {
      scalars = pure(() => measure(batch));
      for (const [name, value] of Object.entries(await readScalars(scalars)))
        sums[name] = (sums[name] ?? 0) + count * value;
    } finally {
      dispose(batch, scalars);
    }
    examples += count;
    await breathe();
  }
  return { ...Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / examples])), examples };
}
