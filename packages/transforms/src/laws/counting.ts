import { leaves, type Tree } from '@steppe/tree';
import type { GradientFn } from '../contract.ts';
import { inPlaceOf, type Known } from '../links/in-place-of.ts';

/** A gradient function that counts the examples it is evaluated on, and its products. */
export type Counting<P extends Tree, B extends Tree, A extends Tree> = {
  readonly gradient: GradientFn<P, B, A>;
  /** A Hessian product counts each example twice, one by the Jacobian of the outputs once. */
  readonly examples: () => number;
  readonly products: () => number;
};

export function counting<P extends Tree, B extends Tree, A extends Tree>(
  inner: GradientFn<P, B, A>,
): Counting<P, B, A> {
  let [examples, products] = [0, 0];
  const sizeOf = (batch: B) => leaves(batch).find(({ leaf }) => leaf.rank > 0)?.leaf.shape[0] ?? 0;
  const { hvp, functional, lostIn, whole } = inner;
  const note = (batch: B, gradients: number): void => {
    examples += gradients * sizeOf(batch);
    products += 1;
  };
  const evaluate: GradientFn<P, B, A> = (params, batch) => {
    examples += sizeOf(batch);
    return inner(params, batch);
  };
  const known: Known<P, B, A> = {
    hvp:
      hvp &&
      ((params, batch, v) => {
        note(batch, 2);
        return hvp(params, batch, v);
      }),
    functional:
      functional &&
      ((params, batch, cotangent) => {
        note(batch, 1);
        return functional(params, batch, cotangent);
      }),
    lostIn,
    whole,
  };
  return {
    gradient: inPlaceOf(inner, evaluate, known),
    examples: () => examples,
    products: () => products,
  };
}
