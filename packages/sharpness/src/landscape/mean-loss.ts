import { checkFunction } from '@steppe/check';
import { addScaled, dispose, pure, type Tree } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { type Batches, type PassOptions, passOver } from '../examples.ts';
import { type Loss, lossValue } from '../loss.ts';
import { meanNumbers } from '../means.ts';

/** How a landscape is measured. */
export type LandscapeOptions<Batch> = Omit<PassOptions<Batch>, 'onProgress'> & {
  /** Hears of each point that is done; every point is a pass over the batches. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
};

/** How far to go along some directions. */
type Steps = readonly number[];

/**
 * Measures the mean loss at w + Σ aₖ·dₖ for many a.
 *
 * @param what - Who measures, for messages.
 * @returns The loss at each, as it is: far from the weights it may be infinite or NaN.
 */
export async function lossesAt<P extends Tree, Batch extends Tree>(
  what: string,
  loss: Loss<P, Batch>,
  params: P,
  directions: readonly Tree[],
  places: readonly Steps[],
  batches: Batches<Batch>,
  { size, signal, onProgress }: LandscapeOptions<Batch>,
): Promise<readonly number[]> {
  checkFunction('loss', loss);
  checkWeights(what, params);
  if (onProgress !== undefined) checkFunction('onProgress', onProgress);
  const pass = passOver(what, batches, { ...(size && { size }), signal });
  const values: number[] = [];
  for (const place of places) {
    const there = pure(() => place.reduce((point, step, k) => addScaled(point, step, directions[k] as Tree), params));
    try {
      const { value } = await meanNumbers(pass, (batch) => ({ value: lossValue(loss(there, batch)) }));
      values.push(value);
    } finally {
      dispose(there);
    }
    onProgress?.({ done: values.length, total: places.length });
  }
  return values;
}
