import { addScaled, leaves, map, map2, minus, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { chain } from '../links/chain.ts';
import { requireHvp } from '../links/require-hvp.ts';
import { transformation } from '../links/transformation.ts';
import { type Law, law } from './law.ts';
import { gradient } from './problem.ts';

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
    const error = map2(product, difference, (p, d) => tf.div(tf.abs(tf.sub(p, d)), tf.add(tf.abs(d), 1)));
    return [{ ...evaluation, grads: error }, state];
  },
});

/** Second derivatives: a product is right, or somebody says why there is none. */
export const passesProducts: Law = law(
  'passes on Hessian products that are the derivative of its gradient, or is named where one is asked for',
  async ({ link, params, batch }) => {
    const behind = chain(link, probe);
    const { name = 'a link without a name' } = link;
    try {
      const [{ grads }] = behind.update(gradient, behind.init(params), params, batch);
      for (const { path, leaf } of leaves(grads)) {
        const worst = Math.max(0, ...(await leaf.data()));
        if (!(worst <= TOLERANCE))
          throw new Error(`at "${path || '.'}" the product is off by ${worst}, relative to a difference of gradients`);
      }
    } catch (error) {
      if (!String(error).includes(`, and ${name} has none:`)) throw error;
    }
  },
);
