import { aNumber, type Check, checkFunction, nonNegative, oneOf, type Rule, refusal } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import { type PassOptions, passOptions } from '../examples.ts';
import type { MovingOptions } from './around.ts';
import type { Share } from './objective.ts';

/** How far from the weights a measure looks, and which examples share a perturbation. */
export type NearOptions<P extends Tree, Batch> = PassOptions<Batch> &
  MovingOptions<P> & {
    /** The radius ρ ≥ 0 of the ball ‖z‖ₚ ≤ ρ. */
    readonly rho: number;
    /** The norm, 1 ≤ p ≤ Infinity. @defaultValue 2 */
    readonly p?: number;
    /** `'batch'`: each batch has a perturbation of its own, which is m-sharpness for batches of m. `'all'`: one
     * perturbation for all batches. @defaultValue 'batch' */
    readonly share?: Share | undefined;
  };

const norm: Rule = ['at least 1', (p) => p >= 1];

const aTree: Check = (name, value) => {
  if (Object(value) !== value || typeof value === 'function') throw refusal(name, 'a tree like the parameters', value);
};

/** Checks of options by their names. */
export type Checks<Name extends string> = { readonly [name in Name]: Check };

/** The checks of `MovingOptions` and of the options of a pass. */
export const movingOptions: Checks<'size' | 'signal' | 'onProgress' | 'wanted' | 'scale'> = {
  ...passOptions,
  wanted: checkFunction,
  scale: aTree,
};

/** The checks of `NearOptions`. */
export const nearOptions: Checks<keyof typeof movingOptions | 'rho' | 'p' | 'share'> = {
  ...movingOptions,
  rho: aNumber(nonNegative),
  p: aNumber(norm),
  share: oneOf('batch', 'all'),
};
