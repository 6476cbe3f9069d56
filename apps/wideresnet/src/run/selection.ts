import type { EvaluationRecord } from '@steppe/train';

/** What is known of the evaluations of a run so far, as plain data: it is saved with the run. */
export type Selection = {
  /** The best one: the fewest errors and, of as many, the smallest loss; of equal ones the first. */
  readonly best?: EvaluationRecord;
  /** Evaluations since then. */
  readonly since: number;
};

/** Before the first evaluation. */
export const nothingYet: Selection = { since: 0 };

const worst = Number.POSITIVE_INFINITY;

/** Takes one more evaluation into account. */
export function select({ best, since }: Selection, record: EvaluationRecord): Selection {
  if (best === undefined) return { best: record, since: 0 };
  const { errorRate: error = worst, loss = worst } = record;
  const { errorRate: least = worst, loss: lossOfBest = worst } = best;
  const isBetter = error < least || (error === least && loss < lossOfBest);
  return isBetter ? { best: record, since: 0 } : { best, since: since + 1 };
}

/** Whether so many evaluations in a row were no better that the run shall end. */
export const isOutOfPatience = ({ since }: Selection, patience: number | undefined): boolean =>
  patience !== undefined && since >= patience;
