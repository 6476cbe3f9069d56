import * as transforms from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import { type Link, type OptimizerEntry, optimizers } from '../options/optimizers.ts';
import type { Options } from '../options/table.ts';

/**
 * Makes the optimizer of a run: the chain of the paper's code, in its order.
 *
 *     chain(addDecayedWeights(wd), samTransform(rho, p), microBatch(m), clipByGlobalNorm(clip), trace(β, nesterov), schedule)
 *
 * - The L2 penalty stands before SAM: it is part of the loss, felt by both passes and by ε̂. (adamw decouples it:
 * behind everything.)
 * - microBatch stands behind SAM, so that every m images have an ε̂ of their own: m-sharpness, not gradient
 * accumulation.
 * - Clipping stands behind both: it bounds the step; before SAM it would change nothing.
 *
 * Without SAM (rho = 0) the chain is the same but for that link; batch norm still sees m images at a time. With a tail
 * that link is `lateSam(rho, steps, tail, p)`.
 *
 * @param steps - After how many steps the learning rate reaches 0.
 * @see google-research/sam, sam_jax/training_utils/flax_training.py
 */
export function makeOptimizer(options: Options, steps: number): transforms.GradientTransformation<readonly Tree[]> {
  const {
    addDecayedWeights,
    chain,
    clipByGlobalNorm,
    cosineDecay,
    lateSam,
    microBatch,
    samTransform,
    scaleBySchedule,
  } = transforms;
  const { rho, p, m, batch, clip, lr, optimizer, 'weight-decay': decay, 'sam-tail': tail } = options;
  const { links, decaysItself }: OptimizerEntry = optimizers[optimizer];
  if (rho > 0 && tail !== undefined && Math.round((1 - tail) * steps) === steps)
    throw new Error(`--sam-tail must hold a step, got ${tail} of ${steps} steps: leave SAM out with --rho 0.`);
  const when = (condition: boolean, link: () => Link): readonly Link[] => (condition ? [link()] : []);
  return chain(
    ...when(decay > 0 && !decaysItself, () => addDecayedWeights(decay)),
    ...when(rho > 0, () => (tail === undefined ? samTransform(rho, p) : lateSam(rho, steps, tail, p))),
    ...when(m !== undefined && m < batch, () => microBatch(m ?? batch)),
    ...when(clip > 0, () => clipByGlobalNorm(clip)),
    ...links(transforms, options),
    scaleBySchedule(cosineDecay(-lr, steps)),
  );
}
