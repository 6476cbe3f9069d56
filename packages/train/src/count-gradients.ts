import { type GradientFn, isTogether, type StepBatch } from '@steppe/transforms';
import { leaves, type Tree } from '@steppe/tree';

/** The first dimension of every leaf; 0 for scalars, which are no list of examples. */
const lengths = (tree: Tree): readonly number[] => leaves(tree).map(({ leaf }) => leaf.shape[0] ?? 0);

/**
 * The lengths of all leaves of a batch, or of several that are put together, and those of them by which shares are
 * measured.
 *
 * Nobody says which leaves are lists of examples and which are shared by all slices, such as class weights. Where the
 * batches differ in a leaf it is a list; else all are asked, and the one of which least was evaluated answers, since
 * what is shared comes whole with every slice.
 */
function measured(batch: Tree): { readonly totals: readonly number[]; readonly lists: readonly number[] } {
  const each = (isTogether(batch) ? batch.together : [batch]).map(lengths);
  const [first = []] = each;
  const totals = first.map((_, leaf) => each.reduce((sum, one) => sum + (one[leaf] ?? 0), 0));
  const filled = [...totals.keys()].filter((leaf) => totals[leaf]);
  const differing = filled.filter((leaf) => each.some((one) => one[leaf] !== first[leaf]));
  return { totals, lists: differing.length > 0 ? differing : filled };
}

/** A gradient function that counts, and how many gradients of the whole batch it has counted. */
type Counted<P extends Tree, Batch extends Tree, State extends Tree, Aux extends Tree> = {
  readonly gradient: GradientFn<P, StepBatch<Batch, State>, Aux>;
  readonly gradients: () => number;
};

/**
 * Counts what is truly evaluated of a gradient, in gradients of the whole batch: a slice of m of n examples is m/n of
 * one, a Hessian product is 2, a product by the Jacobian of the outputs 1.
 *
 * @param batch - The whole batch of the step, which is what slices are shares of.
 */
export function countGradients<P extends Tree, Batch extends Tree, State extends Tree, Aux extends Tree>(
  gradient: GradientFn<P, StepBatch<Batch, State>, Aux>,
  batch: Batch,
): Counted<P, Batch, State, Aux> {
  const { totals, lists } = measured(batch);
  let calls = 0;
  let sums: readonly number[] = totals.map(() => 0);
  const note = ({ batch: examples }: StepBatch<Batch, State>, gradients: number): void => {
    const own = lengths(examples);
    // A batch of another make, which a link put in the place of this one, counts as a whole one.
    const evaluated = own.length === totals.length ? own : totals;
    calls += gradients;
    // Whole numbers are added, so that slices add up to the batch exactly.
    sums = sums.map((sum, leaf) => sum + gradients * (evaluated[leaf] ?? 0));
  };
  const counted: typeof gradient = (...at) => {
    note(at[1], 1);
    return gradient(...at);
  };
  const { hvp, functional } = gradient;
  const product: typeof hvp =
    hvp &&
    ((...at) => {
      note(at[1], 2);
      return hvp(...at);
    });
  const pullback: typeof functional =
    functional &&
    ((...at) => {
      note(at[1], 1);
      return functional(...at);
    });
  return {
    gradient: Object.assign(counted, { ...gradient, hvp: product, functional: pullback }),
    // Of a batch without examples every evaluation is one of the whole.
    gradients: () => Math.min(calls, ...lists.map((leaf) => (sums[leaf] ?? 0) / (totals[leaf] ?? 1))),
  };
}
