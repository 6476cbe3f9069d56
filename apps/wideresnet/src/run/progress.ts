import type { EvaluationRecord, Position, StepRecord } from '@steppe/train';
import type { Tree } from '@steppe/tree';
import type { Selection } from './selection.ts';

/** What a run knows of itself beside its position, as plain data: saved with it. */
export type Progress = {
  readonly gradientEvaluations: number;
  /** Those of all its parts, from the first step on. */
  readonly seconds: number;
  readonly last?: StepRecord;
  readonly evaluation?: EvaluationRecord;
  /** Which evaluation is the best, where that is looked for. */
  readonly selection?: Selection;
};

/** Where every run begins. */
export const nothingDone: Progress = { gradientEvaluations: 0, seconds: 0 };

/** A position of a run whose network and optimizer are not known yet. */
export type AnyPosition = Position<Tree, Tree, Tree>;

/** Where a run goes on; the tensors are those of whoever gives them. */
export type Resumption = {
  readonly position: AnyPosition;
  readonly progress: Progress;
  /** Where it stood at the best evaluation so far. */
  readonly best?: AnyPosition | undefined;
};
