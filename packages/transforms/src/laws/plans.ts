import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Arbitrary } from 'fast-check';
import type { FastCheck } from './fast-check.ts';

/** A tree as plain data, so that fast-check can print and shrink it: `values` are the leaves. */
export type Plan =
  | { readonly shape: readonly number[]; readonly values: readonly number[] }
  | { readonly children: { readonly [key: string]: Plan } }
  | { readonly items: readonly Plan[] }
  | { readonly plain: null | number };

/** The tensors of a plan, new ones at every call. */
export function plant(plan: Plan): Tree {
  if ('shape' in plan) return tf.tensor([...plan.values], [...plan.shape], 'float32');
  if ('items' in plan) return plan.items.map(plant);
  if ('children' in plan)
    return Object.fromEntries(Object.entries(plan.children).map(([key, child]) => [key, plant(child)]));
  return plan.plain;
}

/** A tree with everything in it. */
export const rich: Plan = {
  children: {
    layers: {
      items: [
        { children: { kernel: { shape: [2, 2], values: [1, -2, 0.5, 3] }, bias: { shape: [2], values: [0, 1] } } },
        { plain: null },
      ],
    },
    head: { shape: [3], values: [-1, 0, 2] },
    none: { shape: [0], values: [] },
    temperature: { plain: 2 },
  },
};

/** The trees that every law sees, whatever is drawn. */
export const corners: readonly Plan[] = [
  rich,
  { shape: [], values: [1.5] },
  { shape: [2, 0], values: [] },
  { children: {} },
];

/** Weights between -4 and 4; w + 0 is not bit for bit w for -0, which is left out. */
const weights = (fc: FastCheck): Arbitrary<number> => fc.float({ noNaN: true, min: -4, max: 4 }).map((x) => x + 0);

const leaf = (fc: FastCheck, values: Arbitrary<number>): Arbitrary<Plan> =>
  fc
    .constantFrom<number[]>([], [1], [3], [2, 2], [0], [2, 0], [1, 2, 1, 2])
    .chain((shape) =>
      fc
        .array(values, { minLength: shape.reduce((a, b) => a * b, 1), maxLength: shape.reduce((a, b) => a * b, 1) })
        .map((drawn) => ({ shape, values: drawn })),
    );

/** Any tree: single tensors, empty ones, nested ones, with plain data between the leaves and leaves of no size. */
export const plans = (fc: FastCheck, values: Arbitrary<number> = weights(fc)): Arbitrary<Plan> =>
  fc.letrec<{ tree: Plan }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf(fc, values),
      fc.constantFrom<Plan>({ plain: null }, { plain: 7 }, { items: [] }, { children: {} }),
      fc.array(tie('tree'), { maxLength: 3 }).map((items) => ({ items })),
      fc
        .dictionary(fc.constantFrom('kernel', 'bias', 'a b', 'layers'), tie('tree'), { maxKeys: 3 })
        .map((children) => ({ children })),
    ),
  })).tree;
