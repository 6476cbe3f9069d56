/** Weights that a run has left, by the step that they are of, and their loss on the images that are measured. */
export type Candidate = { readonly step: number; readonly loss: number };

/** Which weights of each run stand beside each other. */
export type Choice = {
  /** One for each run, an index into its candidates. */
  readonly chosen: readonly number[];
  /** The largest of their losses over the least. */
  readonly ratio: number;
  readonly isEqual: boolean;
};

/** Losses that are so near to each other count as equal: a tenth. */
export const nearly = 1.1;

const ratioOf = (losses: readonly number[]): number => Math.max(...losses) / Math.min(...losses);

/** The candidate whose loss is nearest to another loss, by their ratio. */
function nearest(candidates: readonly Candidate[], loss: number): number {
  const far = candidates.map((one) => Math.abs(Math.log(one.loss / loss)));
  return far.reduce((best, distance, i) => (distance < (far[best] ?? Number.NaN) ? i : best), 0);
}

/** The sum of the losses of some weights, whose logarithms count alike. */
const height = (runs: readonly (readonly Candidate[])[], { chosen }: Choice): number =>
  chosen.reduce((sum, index, run) => sum + Math.log(runs[run]?.[index]?.loss ?? Number.NaN), 0);

/** Whether a choice is to be preferred to another one. */
function better(runs: readonly (readonly Candidate[])[], one: Choice, other: Choice | undefined): boolean {
  if (other === undefined) return true;
  const higher = height(runs, one) - height(runs, other);
  return higher < 0 || (higher === 0 && one.ratio < other.ratio);
}

/**
 * Chooses weights of several runs whose losses are alike, since the curvature of cross entropy falls with the loss: of
 * two runs the one that has gone further would look flatter whatever its method.
 *
 * @param runs - The weights of each run, those that it ended with first, which are taken where they are alike.
 * @returns Of the weights whose losses are nearly equal those that have gone furthest, which are of the least loss; those
 * that the runs ended with where none are nearly equal.
 */
export function chooseEqual(runs: readonly (readonly [Candidate, ...Candidate[]])[]): Choice {
  const choice = (chosen: readonly number[]): Choice => {
    const ratio = ratioOf(chosen.map((index, run) => runs[run]?.[index]?.loss ?? Number.NaN));
    return { chosen, ratio, isEqual: ratio <= nearly };
  };
  const ends = choice(runs.map(() => 0));
  if (ends.isEqual) return ends;
  const others = runs.flatMap((candidates) =>
    candidates.map(({ loss }) => choice(runs.map((of) => nearest(of, loss)))),
  );
  const equal = others.filter(({ isEqual }) => isEqual);
  return (
    equal.reduce<Choice | undefined>((best, other) => (better(runs, other, best) ? other : best), undefined) ?? ends
  );
}
