import { valueAndGrad } from '@steppe/autograd';
import { checkFunction } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { Pass } from '../examples.ts';
import { type Loss, lossValue } from '../loss.ts';
import { meanNumbers, meanTree } from '../means.ts';
import type { Wanted } from '../operators/operator.ts';
import { type Mean, weightedMean } from './mean.ts';

/** The mean loss over some examples as a function of the weights, and what it has cost so far. */
export type Objective<P extends Tree> = {
  readonly loss: (params: P) => Promise<number>;
  /** The gradient is the caller's to free. */
  readonly gradient: (params: P) => Promise<{ readonly value: number; readonly grads: P }>;
};

/** Evaluations so far, in examples. */
export type Meter = { gradients: number; losses: number; products: number };

/** Which examples share a perturbation. */
export type Share = 'batch' | 'all';

function checkLoss(value: number): number {
  if (!Number.isFinite(value))
    throw new Error(
      `The loss is not finite, it is ${value}: a perturbation may be too large for these weights, try a smaller radius.`,
    );
  return value;
}

/** The mean loss over the examples of a pass. */
function objectiveOf<P extends Tree, Batch extends Tree>(
  loss: Loss<P, Batch>,
  pass: Pass<Batch>,
  meter: Meter,
  wanted?: Wanted,
): Objective<P> {
  const gradient = valueAndGrad((params: P, batch: Batch) => lossValue(loss(params, batch)));
  const counted =
    (kind: keyof Meter): Pass<Batch> =>
    (visit) =>
      pass((batch, place) => {
        meter[kind] += place.size;
        return visit(batch, place);
      });
  return {
    async loss(params) {
      const { value } = await meanNumbers(counted('losses'), (batch) => ({ value: lossValue(loss(params, batch)) }));
      return checkLoss(value);
    },
    async gradient(params) {
      const mean = await meanTree('loss or gradient', counted('gradients'), (batch) => {
        const { value, grads } = gradient(params, batch, wanted);
        return { value, grads };
      });
      const [value] = await mean.value.data();
      mean.value.dispose();
      return { value: value as number, grads: mean.grads };
    },
  };
}

/** What a measure found for examples that share a perturbation, and how many they are. */
export type Part<Found> = { readonly found: Found; readonly size: number };

/** The mean of a number of each part, weighted by their sizes. */
export const meanOver = <Found>(parts: readonly Part<Found>[], f: (found: Found) => number): Mean =>
  weightedMean(
    parts.map(({ found }) => f(found)),
    parts.map(({ size }) => size),
  );

/**
 * Measures an objective for every batch, or one for all of them.
 *
 * @returns What was found for each, and the cost in passes over the examples.
 */
export async function eachObjective<P extends Tree, Batch extends Tree, Found>(
  loss: Loss<P, Batch>,
  pass: Pass<Batch>,
  { share = 'batch', wanted }: { readonly share?: Share | undefined; readonly wanted?: Wanted | undefined },
  measure: (objective: Objective<P>) => Promise<Found>,
): Promise<{ readonly parts: readonly Part<Found>[]; readonly cost: Readonly<Meter> }> {
  checkFunction('loss', loss);
  const meter: Meter = { gradients: 0, losses: 0, products: 0 };
  const parts: Part<Found>[] = [];
  let examples = 0;
  if (share === 'all') {
    const counting: Pass<Batch> = async (visit) => {
      const seen = await pass(visit);
      examples = seen.examples;
      return seen;
    };
    parts.push({ found: await measure(objectiveOf(loss, counting, meter, wanted)), size: 1 });
  } else
    ({ examples } = await pass(async (batch, place) => {
      const alone: Pass<Batch> = async (visit) => {
        await visit(batch, place);
        return { batches: 1, examples: place.size };
      };
      parts.push({ found: await measure(objectiveOf(loss, alone, meter, wanted)), size: place.size });
    }));
  const passes = (kind: keyof Meter) => meter[kind] / examples;
  return { parts, cost: { gradients: passes('gradients'), losses: passes('losses'), products: passes('products') } };
}
