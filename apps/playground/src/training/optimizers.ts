import {
  addDecayedWeights,
  chain,
  type GradientTransformation,
  microBatch,
  samTransform,
  scale,
  trace,
} from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { Settings } from '../settings.ts';

const WEIGHT_DECAY = 5e-4;
const MOMENTUM = 0.9;

type Chosen = Pick<Settings, 'rho' | 'p' | 'm' | 'learningRate'>;

/**
 * The two optimizers: one chain, with and without SAM.
 *
 *     chain(addDecayedWeights(wd), samTransform(rho, p), microBatch(m), trace(0.9, nesterov), scale(-lr))
 *
 * `microBatch` stands behind SAM, so every m images have an ε̂ of their own; in SGD it stays, so that batch norm sees m
 * images in both.
 */
export function optimizers({ rho, p, m, learningRate }: Chosen): {
  readonly sgd: GradientTransformation<readonly Tree[]>;
  readonly sam: GradientTransformation<readonly Tree[]>;
} {
  const before = addDecayedWeights(WEIGHT_DECAY);
  const after = chain(microBatch(m), trace(MOMENTUM, { nesterov: true }), scale(-learningRate));
  return { sgd: chain(before, after), sam: chain(before, samTransform(rho, p), after) };
}
