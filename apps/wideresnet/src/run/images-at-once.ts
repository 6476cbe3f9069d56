import type { Options } from '../options/table.ts';

/** The images of a batch that share an ε̂: `m`, or all of them. */
const imagesOfPerturbation = ({ batch, m = batch }: Pick<Options, 'batch' | 'm'>): number => Math.min(m, batch);

/** The images that a gradient is computed of at once: those that share an ε̂, or one of the parts that `accumulate` takes
 * them in. */
export const imagesAtOnce = (options: Pick<Options, 'batch' | 'm' | 'accumulate'>): number =>
  Math.ceil(imagesOfPerturbation(options) / (options.accumulate ?? 1));
