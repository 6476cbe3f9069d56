import { leaves, type Tree } from '@steppe/tree';
import type { GradientFn } from '../contract.ts';

/** A gradient function that counts the examples it is evaluated on, and its Hessian products. */
export type Counting<P extends Tree, B extends Tree, A extends Tree> = {
  readonly gradient: GradientFn<P, B, A>;
  /** A Hessian product counts each example twice. */
  readonly examples: () => number;
  readonly products: () => number;
};

export function counting<P extends Tree, B extends Tree, A extends Tree>(
  inner: GradientFn<P, B, A>,
): Counting<P, B, A> {
  let [examples, products] = [0, 0];
  const sizeOf = (batch: B) => leaves(batch).find(({ leaf }) => leaf.rank > 0)?.leaf.shape[0] ?? 0;
  const evaluate: GradientFn<P, B, A> = (params, batch) => {
    examples += sizeOf(batch);
    return inner(params, batch);
  };
  const { hvp } = inner;
  const product: typeof hvp =
    hvp &&
    ((params, batch, v) => {
      examples += 2 * sizeOf(batch);
      products += 1;
      return hvp(params, batch, v);
    });
  return {
    gradient: Object.assign(evaluate, inner, { hvp: product }),
    examples: () => examples,
    products: () => products,
  };
}
