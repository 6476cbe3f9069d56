import { aNumber, checkNumber, checkOptions, count, positive } from '@steppe/check';
import { minus, norm, pure, type Tree } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { withTree } from './with-tree.ts';

/** What a PAC-Bayes measure is made of. */
export type PacBayesBoundOptions<P extends Tree> = {
  /** σ, as `pacBayesSigma` finds it. */
  readonly sigma: number;
  /** n, the examples that the network was trained on. */
  readonly examples: number;
  /** w₀, the mean of the prior, such as the initial weights. @defaultValue 0 */
  readonly from?: P;
};

/**
 * Turns the noise that a network bears into a measure of its complexity: √((‖w - w₀‖²/(4σ²) + ln(n/σ) + 10) / n).
 *
 * It has the form of a PAC-Bayes bound with the constants of the authors' comparison, so it ranks networks; it is no
 * certificate, since σ was searched for with the data.
 *
 * @param params - w, any tree; it is not changed.
 * @throws When an option is unknown or out of range, or the trees do not fit.
 * @see Jiang et al., Fantastic Generalization Measures and Where to Find Them, ICLR 2020, pacbayes-orig and
 * pacbayes-init.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { pacBayesBound } from '@steppe/sharpness';
 *
 * const bound = await pacBayesBound({ w: tf.tensor1d([3, 4]) }, { sigma: 0.5, examples: 1000 });
 * console.log(bound.toFixed(4)); // => 0.2064
 * ```
 */
export async function pacBayesBound<P extends Tree>(params: P, options: PacBayesBoundOptions<P>): Promise<number> {
  checkOptions('pacBayesBound', options, {
    sigma: aNumber(positive),
    examples: aNumber(count),
    from: () => undefined,
  });
  const { sigma, examples, from } = options;
  checkNumber('sigma', sigma, positive);
  checkNumber('examples', examples, count);
  checkWeights('pacBayesBound', params);
  const distance = pure(() => norm(from === undefined ? params : minus(params, from)));
  const [length] = (await withTree(distance, (scalar) => scalar.data())) as Float32Array;
  const complexity = (length as number) ** 2 / (4 * sigma ** 2) + Math.log(examples / sigma) + 10;
  return Math.sqrt(complexity / examples);
}
