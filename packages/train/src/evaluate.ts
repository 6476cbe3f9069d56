import { checkFunction, checkOptions } from '@steppe/check';
import { countExamples, type Report, type SliceOptions } from '@steppe/transforms';
import { dispose, leaves, pure, type Tree } from '@steppe/tree';
import { type Batches, batchesOf } from './batches-of.ts';
import { breathe } from './breathe.ts';
import { checkScalar, checkScalars } from './check-scalars.ts';
import { readReport } from './read-report.ts';
import { type Numbers, readScalars } from './read-scalars.ts';
import { checkSynchronous } from './synchronous.ts';

/** How batches count, as slices do in `microBatch`, and who has the others. */
export type EvaluateOptions<Batch extends Tree> = Pick<SliceOptions<Batch>, 'shared' | 'weight'> & {
  /**
   * Puts what the batches of this worker gave beside what those of the others did, in the order of all batches, where
   * each worker measures its share of them: the means are then those of one that measures all.
   *
   * @defaultValue all batches are measured here
   */
  readonly gather?: (own: readonly Measured[]) => readonly Measured[];
};

/** What one batch gave. */
export type Measured = { readonly examples: number; readonly weight: number; readonly values: Numbers };

function average(measured: readonly Measured[]): Numbers & { readonly examples: number } {
  const total = (of: 'examples' | 'weight') => measured.reduce((sum, batch) => sum + batch[of], 0);
  const by = total('weight') === 0 ? 'examples' : 'weight';
  const counted = measured.filter((batch) => batch[by] !== 0);
  const names = Object.keys(measured[0]?.values ?? {});
  const sum = (name: string) => counted.reduce((all, batch) => all + batch[by] * (batch.values[name] ?? 0), 0);
  return { ...Object.fromEntries(names.map((name) => [name, sum(name) / total(by)])), examples: total('examples') };
}

/** Refuses what a batch gave where it has no mean with what the first one did. */
function checkMeasured(measures: Report, number: number, first: Numbers | undefined): void {
  checkSynchronous('measure', measures);
  checkScalars('measure', measures);
  const names = Object.keys(measures);
  if (names.includes('examples'))
    throw new Error('evaluate gives the number of examples as "examples": call the measure something else.');
  const before = Object.keys(first ?? measures);
  if (names.length === before.length && names.every((name) => before.includes(name))) return;
  const listed = (all: readonly string[]) => all.join(', ') || 'nothing';
  throw new Error(
    `Every batch must give the same measures: batch 1 gave ${listed(before)}, batch ${number} gave ${listed(names)}.`,
  );
}

/** Reads what was measured, and its weight, in one transfer. */
async function read(scalars: Report, weight: Report[string] | null, examples: number): Promise<Measured> {
  if (weight === null) return { examples, weight: examples, values: await readScalars(scalars) };
  const { loss, metrics } = await readReport({ loss: weight, metrics: scalars, report: {} });
  return { examples, weight: loss, values: metrics };
}

/**
 * Averages measurements over held-out batches, Σ W_b·x_b / Σ W_b, each batch weighted by its number of examples, or by
 * the weight that is given.
 *
 * The examples are counted along the first dimension that all tensors of a batch have, but scalars and those that
 * `shared` chooses; a batch of scalars alone counts 1. A measurement that divides by the tokens or weights that count
 * needs `weight`, the number that it divides by. A batch of weight 0 then contributes nothing, also where it is NaN;
 * where all weights are 0, batches count by their examples.
 *
 * @param measure - Gives named scalars that are means over the batch, such as `{ loss, accuracy }`.
 * @param batches - As for `train`; each is freed when it is measured.
 * @param options - `shared` and `weight`, as for `microBatch`; both see the batch as `measure` does; `gather` of several
 * workers.
 * @returns The weighted means, and `examples`, their number.
 * @throws When `measure` or the batches do, a measure or weight is no scalar, the batches do not give the same measures,
 * or the tensors of a batch differ in their first dimension; nothing is left behind.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { evaluate } from '@steppe/train';
 *
 * const batches = [tf.tensor1d([1, 2]), tf.tensor1d([6])];
 * console.log(await evaluate((x: tf.Tensor) => ({ mean: tf.mean<tf.Scalar>(x) }), batches)); // => { mean: 3, examples: 3 }
 *
 * // Two tokens count in the first batch, and one in the second.
 * const masks = [tf.tensor1d([1, 1, 0]), tf.tensor1d([1, 0, 0])];
 * const share = (mask: tf.Tensor) => ({ share: tf.mean<tf.Scalar>(mask) });
 * const { share: weighted } = await evaluate(share, masks, { weight: (mask: tf.Tensor) => tf.sum<tf.Scalar>(mask) });
 * console.log(weighted?.toFixed(3)); // => 0.556
 * ```
 */
export async function evaluate<Batch extends Tree>(
  measure: (batch: Batch) => Report,
  batches: Batches<Batch>,
  options: EvaluateOptions<Batch> = {},
): Promise<{ readonly [name: string]: number; readonly examples: number }> {
  checkFunction('measure', measure);
  checkOptions('evaluate', options, ['shared', 'weight', 'gather']);
  const { shared, weight, gather = (own) => own } = options;
  checkFunction('gather', gather);
  if (shared !== undefined) checkFunction('shared', shared);
  if (weight !== undefined) checkFunction('weight', weight);
  const measured: Measured[] = [];
  for await (const batch of batchesOf(batches)) {
    let own: { readonly scalars: Report; readonly weight: Report[string] | null } = { scalars: {}, weight: null };
    try {
      const examples = leaves(batch).some(({ leaf }) => leaf.rank > 0) ? countExamples(batch, shared, 'evaluate') : 1;
      own = pure(() => {
        const scalars = measure(batch);
        checkMeasured(scalars, measured.length + 1, measured[0]?.values);
        const counts = weight?.(batch);
        checkSynchronous('weight', counts);
        if (weight) checkScalar('weight', counts);
        return { scalars, weight: counts ?? null };
      });
      measured.push(await read(own.scalars, own.weight, examples));
    } finally {
      dispose(batch, own);
    }
    await breathe();
  }
  return average(gather(measured));
}
