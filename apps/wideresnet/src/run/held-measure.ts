import { replayed } from '@steppe/train';
import { type HeldMeasure, heldMeasureOf, type Network } from './network.ts';

/** A measure of held-out batches that is recorded and replayed as steps are, through all evaluations of a run. */
export type HeldMeasuring = {
  readonly measure: HeldMeasure;
  /** Sees once more whether all replays were right. @throws When they may not have been. */
  readonly finish: () => Promise<void>;
  readonly dispose: () => void;
};

/**
 * Makes the measure of a network on held-out batches.
 *
 * @param eager - Makes each kernel by kernel.
 * @param warn - Is told what cannot be replayed.
 */
export function heldMeasuring(
  network: Network,
  eager: boolean | undefined,
  warn: (message: string) => void,
): HeldMeasuring {
  const plain = heldMeasureOf(network);
  if (eager === true) return { measure: plain, finish: async () => {}, dispose: () => {} };
  const measure = replayed(plain, { warn });
  return { measure, finish: measure.finish, dispose: measure.dispose };
}
