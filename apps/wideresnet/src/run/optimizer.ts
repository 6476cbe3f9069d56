import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type GradientTransformation,
  microBatch,
  samTransform,
  scaleByAdam,
  scaleBySchedule,
  trace,
} from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { Options } from '../options/options.ts';

type Link = GradientTransformation<Tree>;

/** An optimizer as a chain of links, and the same chain in words. */
export type Optimizer = { readonly transformation: GradientTransformation<readonly Tree[]>; readonly text: string };

type Named = readonly [text: string, link: Link];

/** The links that turn a gradient into a direction. */
function direction({ optimizer, momentum, 'weight-decay': decay }: Options): readonly Named[] {
  const adam: Named = ['scaleByAdam()', scaleByAdam()];
  if (optimizer === 'momentum') return [[`trace(${momentum}, nesterov)`, trace(momentum, { nesterov: true })]];
  if (optimizer === 'adam') return [adam];
  if (optimizer === 'adamw') return [adam, [`addDecayedWeights(${decay})`, addDecayedWeights(decay)]];
  return [];
}

/**
 * Makes the optimizer of a run: the chain of the paper's code, in its order.
 *
 *     chain(addDecayedWeights(wd), samTransform(rho, p), microBatch(m), clipByGlobalNorm(clip), trace(β, nesterov), schedule)
 *
 * - The L2 penalty stands before SAM: it is part of the loss, felt by both passes and by ε̂. (adamw decouples it: behind everything.)
 * - microBatch stands behind SAM, so that every m images have an ε̂ of their own: m-sharpness, not gradient accumulation.
 * - Clipping stands behind both: it bounds the step; before SAM it would change nothing.
 *
 * Without SAM (rho = 0) the chain is the same but for that link; batch norm still sees m images at a time.
 *
 * @param steps - After how many steps the learning rate reaches 0.
 * @see google-research/sam, sam_jax/training_utils/flax_training.py
 */
export function makeOptimizer(options: Options, steps: number): Optimizer {
  const { rho, p, m, batch, clip, lr, optimizer, 'weight-decay': decay } = options;
  const when = (condition: boolean, text: string, link: () => Link): readonly Named[] =>
    condition ? [[text, link()]] : [];
  const links: readonly Named[] = [
    ...when(decay > 0 && optimizer !== 'adamw', `addDecayedWeights(${decay})`, () => addDecayedWeights(decay)),
    ...when(rho > 0, `samTransform(${rho}, ${p})`, () => samTransform(rho, p)),
    ...when(m !== undefined && m < batch, `microBatch(${m})`, () => microBatch(m ?? batch)),
    ...when(clip > 0, `clipByGlobalNorm(${clip})`, () => clipByGlobalNorm(clip)),
    ...direction(options),
    [`scaleBySchedule(cosineDecay(${-lr}, ${steps}))`, scaleBySchedule(cosineDecay(-lr, steps))],
  ];
  return {
    transformation: chain(...links.map(([, link]) => link)),
    text: `chain(${links.map(([text]) => text).join(', ')})`,
  };
}
