import { addScaled, leaves, map, map2, minus, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientFn } from '../contract.ts';
import { chain } from '../links/chain.ts';
import { inPlaceOf } from '../links/in-place-of.ts';
import { requireFunctional, requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { type Law, type LawLink, law } from './law.ts';
import { gradient, type LawAux, type LawBatch } from './problem.ts';

/** The step of central differences: their error is about its square, and what float32 loses of a gradient over it. */
const H = 1 / 64;
const TOLERANCE = 2e-3;

/** Gives, in the place of the gradient, how far the Hessian product that it is handed is from a difference of gradients,
 * relative to that. */
const probe = transformation<null>({
  gradientCost: 3,
  init: () => null,
  update(upstream, state, params, batch) {
    const evaluation = upstream(params, batch);
    const v = map(params, (w) => tf.cos(w));
    const product = requireHvp(upstream, 'the law')(params, batch, v);
    const [ahead, behind] = [H, -H].map((h) => upstream(addScaled(params, h, v), batch).grads) as [typeof v, typeof v];
    const difference = scaled(minus(ahead, behind), 1 / (2 * H));
    return [{ ...evaluation, grads: apart(product, difference) }, state];
  },
});

/** Refuses an error that is more than rounding, at any leaf. */
async function expectSmall(errors: Tree, what: string): Promise<void> {
  for (const { path, leaf } of leaves(errors)) {
    const worst = Math.max(0, ...(await leaf.data()));
    if (!(worst <= TOLERANCE)) throw new Error(`at "${path || '.'}" ${what} is off by ${worst} of |x| + 1`);
  }
}

/** |a - b| / (|b| + 1). */
const apart = <P extends Tree>(a: P, b: P): P =>
  map2(a, b, (x, y) => tf.div(tf.abs(tf.sub(x, y)), tf.add(tf.abs(y), 1)));

/** Whether an error says that a link does not pass on what was asked for. */
const names = (error: unknown, { name = 'a link' }: LawLink): boolean =>
  String(error).includes(`, and ${name} has none:`);

/** Second derivatives: a product is right, or somebody says why there is none. */
export const passesProducts: Law = law(
  'passes on Hessian products that are the derivative of its gradient, or is named where one is asked for',
  async ({ link, params, batch }) => {
    const behind = chain(link, probe);
    try {
      const [{ grads }] = behind.update(gradient, behind.init(params), params, batch);
      await expectSmall(grads, 'the product');
    } catch (error) {
      if (!names(error, link)) throw error;
    }
  },
);

/** Where the Jacobian is taken: as far from every point, since a link may have moved there itself. */
const moved = <P extends Tree>(params: P): P => map(params, (w) => tf.add(w, 0.3));

/** Gives the functional gradient that it is handed, of the cotangent at w and the Jacobian at another point. */
const elsewhere = transformation<null>({
  gradientCost: 2,
  init: () => null,
  update(upstream, state, params, batch) {
    const evaluation = upstream(params, batch);
    const pullback = requireFunctional(upstream, 'the law');
    return [{ ...evaluation, grads: pullback(moved(params), batch, evaluation.cotangent ?? null) }, state];
  },
});

/** Functional gradients: the link itself makes the same of gradients whose Jacobian is that of another point. */
export const passesFunctional: Law = law(
  'passes on functional gradients as it would make them of gradients, or is named where one is asked for',
  async ({ link, params, batch }) => {
    const evaluate: GradientFn<Tree, LawBatch, LawAux> = (at, of) => {
      const evaluation = gradient(at, of);
      return { ...evaluation, grads: gradient.functional(moved(at), of, evaluation.cotangent ?? null) };
    };
    const behind = chain(link, elsewhere);
    // From the second update on, so that states which are not initial count too.
    const state = link.update(gradient, link.init(params), params, batch)[1];
    try {
      const [{ grads }] = behind.update(gradient, [state, null], params, batch);
      const [wanted] = link.update(inPlaceOf(gradient, evaluate), state, params, batch);
      await expectSmall(apart(grads, wanted.grads), 'the functional gradient');
    } catch (error) {
      if (!names(error, link)) throw error;
    }
  },
);
