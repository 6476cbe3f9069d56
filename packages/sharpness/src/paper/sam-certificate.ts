import { valueAndGrad } from '@steppe/autograd';
import { checkFunction, checkNumber, checkOptions, nonNegative } from '@steppe/check';
import { type SamOptions, samTransform } from '@steppe/transforms';
import { pure, type Tree } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOptions, passOver } from '../examples.ts';
import { type Loss, lossValue } from '../loss.ts';
import { type Mean, weightedMean } from '../measures/mean.ts';
import { type Rise, resolutionOf } from '../measures/resolution.ts';
import { withTree } from '../measures/with-tree.ts';

/** The step of SAM, with all options of `samTransform` but `certificate`, which is on. */
export type SamCertificateOptions<Batch> = PassOptions<Batch> &
  Omit<SamOptions, 'certificate'> & {
    /** The radius ρ ≥ 0. */
    readonly rho: number;
    /** The norm, 1 ≤ p ≤ Infinity. @defaultValue 2 */
    readonly p?: number;
  };

/**
 * Says how good SAM's step is at some weights: what `samTransform` reports with `certificate`, in the mean over batches.
 *
 * Among the entries: `linearizationRatio`, the rise of the loss over the ρ‖g‖_q of the linear model · `gradientCosine`,
 * that of ∇L(w) and ∇L(w + ε̂) · with `order: 2` also `orderCosine`, that of the paper's first-order gradient and the exact
 * one of w ↦ L(w + ε̂(w)), by a Hessian product. Along a run's checkpoints the last one is the paper's study of the term
 * that it drops. It costs 2 gradients, and a product with `order: 2`.
 *
 * @param loss - A mean over the examples of the batch, made of operations with second derivatives for `order: 2`.
 * @param params - w, any tree; it is not changed.
 * @param batches - The examples, see `Batches`; each batch has its own ε̂.
 * @returns Each entry's mean over batches, weighted by their examples, and its standard error as of a sample of batches;
 * the rise of the loss, with the `resolution` below which it, and `linearizationRatio`, is rounding.
 * @throws When an option is unknown or out of range, or an entry is not finite, with the number of the batch.
 * @see Foret et al., Sharpness-Aware Minimization, ICLR 2021, section 2 and appendix C.4.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { samCertificate } from '@steppe/sharpness';
 *
 * const loss = (w: tf.Tensor, x: tf.Tensor) => tf.mul(tf.sum(tf.mul(tf.square(w), [1, 4])), tf.mean(x));
 * const { entries } = await samCertificate(loss, tf.tensor1d([1, 1]), [tf.tensor1d([1, 1])], { rho: 0.5, order: 2 });
 * console.log(entries.linearizationRatio?.value.toFixed(3), entries.orderCosine?.value.toFixed(3)); // => 1.232 1.000
 * ```
 */
export async function samCertificate<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  params: P,
  batches: Batches<Batch>,
  options: SamCertificateOptions<Batch>,
): Promise<{
  readonly entries: { readonly [entry: string]: Mean };
  /** L(w + ε̂) - L(w). */
  readonly rise: Rise;
  readonly gradients: number;
  readonly products: number;
}> {
  checkOptions('samCertificate', options, [
    ...Object.keys(passOptions),
    'rho',
    'p',
    'order',
    'steps',
    'adaptive',
    'perturb',
  ]);
  checkFunction('loss', loss);
  const { rho, p = 2, order = 1, steps = 1, adaptive, perturb, ...passing } = options;
  checkNumber('rho', rho, nonNegative);
  checkWeights('samCertificate', params);
  const link = samTransform(rho, p, {
    order,
    steps,
    ...(adaptive && { adaptive }),
    ...(perturb && { perturb }),
    certificate: true,
  });
  const gradient = valueAndGrad((w: P, batch: Batch) => lossValue(loss(w, batch)));
  const values = new Map<string, number[]>();
  const sizes: number[] = [];
  await passOver(
    'samCertificate',
    batches,
    passing,
  )(async (batch, place) => {
    sizes.push(place.size);
    const report = pure(() => {
      const [evaluation] = link.update(gradient, link.init(params), params, batch);
      return evaluation.report ?? {};
    });
    await withTree(report, async (scalars) => {
      for (const [entry, scalar] of Object.entries(scalars)) {
        const [value] = await scalar.data();
        if (!Number.isFinite(value))
          throw new Error(`${entry} of batch ${place.number} is not finite, it is ${value}: try a smaller radius.`);
        values.set(entry, [...(values.get(entry) ?? []), value as number]);
      }
    });
  });
  const second = order === 2;
  const pairs = (values.get('lossBefore') ?? []).map(
    (loss, i) => [loss, values.get('lossAfter')?.[i] as number] as const,
  );
  const over = (f: (before: number, after: number) => number): Mean =>
    weightedMean(
      pairs.map((pair) => f(...pair)),
      sizes,
    );
  return {
    entries: Object.fromEntries([...values].map(([entry, list]) => [entry, weightedMean(list, sizes)])),
    rise: { ...over((before, after) => after - before), resolution: over(resolutionOf).value },
    gradients: link.gradientCost - (second ? 2 : 0),
    products: second ? 1 : 0,
  };
}
