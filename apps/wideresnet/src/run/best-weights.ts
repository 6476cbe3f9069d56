import type { EvaluationRecord } from '@steppe/train';
import { clone, dispose, type Tree } from '@steppe/tree';
import { nothingYet, type Selection, select } from './selection.ts';

/** What an evaluation was made of. */
export type Weights = { readonly params: Tree; readonly state: Tree };

/** Keeps the weights of the best evaluation of a run, in memory. */
export type BestWeights = {
  /** Takes an evaluation into account, and copies its weights where it is the best one. */
  take(record: EvaluationRecord, weights: Weights): Selection;
  selection(): Selection;
  /** The best weights, which live until they are freed or others are better; undefined before the first evaluation. */
  weights(): Weights | undefined;
  free(): void;
};

/**
 * Begins to keep the best weights.
 *
 * @param before - What a run that goes on knew already; its weights are copied.
 */
export function keepBest(before?: { readonly selection: Selection; readonly weights: Weights }): BestWeights {
  let selection = before?.selection ?? nothingYet;
  let kept: Weights | undefined = before && clone(before.weights);
  const free = (): void => {
    dispose(kept);
    kept = undefined;
  };
  return {
    take(record, weights) {
      selection = select(selection, record);
      if (selection.since > 0) return selection;
      free();
      kept = clone({ params: weights.params, state: weights.state });
      return selection;
    },
    selection: () => selection,
    weights: () => kept,
    free,
  };
}
