import { checkFunction, refusal } from '@steppe/check';
import { checkParameters, dispose, type Leaf, leaves, map, map2, pure, type Tree } from '@steppe/tree';
import { type Tensor, util, zerosLike } from '@tensorflow/tfjs-core';

/** Chooses leaves of the parameters by path and tensor, as `wanted` of `valueAndGrad` does. */
export type Wanted = (path: string, leaf: Tensor) => boolean;

/**
 * A symmetric map of trees, v ↦ A·v, such as a Hessian: all that spectra and traces are computed from.
 *
 * It acts on the leaves that `wanted` chooses, as a block of the whole does: what v holds elsewhere does not count, and
 * the product is zero there.
 */
export type SymmetricOperator<P extends Tree> = {
  /** The parameters, whose structure and shapes v and A·v have; they stay the caller's, and must not be freed before. */
  readonly like: P;
  /** Chooses the leaves that it acts on. */
  readonly wanted: Wanted;
  /** How many numbers these hold: A is a matrix of dimension × dimension. */
  readonly dimension: number;
  /** A·v, the caller's to free; v is not freed. */
  readonly multiply: (v: P) => Promise<P>;
};

/** The leaves that an operator acts on: those that are chosen and hold a number. */
export const chosenLeaves = (like: Tree, wanted: Wanted): readonly Leaf[] =>
  leaves(like).filter(({ path, leaf }) => leaf.size > 0 && wanted(path, leaf));

/** Refuses what is no operator. */
export function checkOperator(given: unknown): void {
  if (typeof Object(given).multiply !== 'function')
    throw refusal('operator', 'an operator, as hessian and operatorOf make them', given);
}

/**
 * Refuses a tree that differs from another in structure or in a shape: broadcast, it would stand for another vector.
 *
 * @throws When they differ, with the path of the odd leaf.
 */
export function checkLike(what: string, tree: Tree, like: Tree): void {
  map2(like, tree, (parameter, leaf, path) => {
    if (!util.arraysEqual(leaf.shape, parameter.shape))
      throw new Error(
        `${what} has shape [${leaf.shape}] at "${path || '.'}", the parameter has [${parameter.shape}]: give it the shapes of the parameters.`,
      );
    return leaf;
  });
}

/**
 * Puts an operator together of a function that is linear in v; it gets v with zeros where nothing is chosen.
 *
 * @param multiply - Gives a new tree.
 * @throws When the parameters are none, or no leaf with a number in it is chosen; at a product, when v does not match
 * the parameters, with the path.
 */
export function operator<P extends Tree>(
  like: P,
  wanted: Wanted,
  multiply: (v: P) => Promise<P>,
): SymmetricOperator<P> {
  checkFunction('wanted', wanted);
  checkParameters(like);
  const dimension = chosenLeaves(like, wanted).reduce((sum, { leaf }) => sum + leaf.size, 0);
  if (dimension === 0)
    throw new Error(
      'An operator needs numbers to act on: the parameters hold none in the leaves that are chosen, look at wanted.',
    );
  const block = (tree: P): P => pure(() => map(tree, (leaf, path) => (wanted(path, leaf) ? leaf : zerosLike(leaf))));
  return {
    like,
    wanted,
    dimension,
    multiply: async (v) => {
      checkLike('v', v, like);
      const seen = block(v);
      let product: P | undefined;
      try {
        product = await multiply(seen);
        return block(product);
      } finally {
        dispose(seen, product);
      }
    },
  };
}
