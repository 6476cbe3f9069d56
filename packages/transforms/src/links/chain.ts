import type { Tree } from '@steppe/tree';
import type { Evaluation, GradientFn, GradientTransformation, HessianProduct } from '../contract.ts';
import { call } from './call.ts';
import { transformation } from './transformation.ts';

/** The states of a chain, one for each link, as a tuple. */
export type ChainState<Links extends readonly GradientTransformation<Tree>[]> = {
  readonly [I in keyof Links]: Links[I] extends GradientTransformation<infer State> ? State : never;
};

/** The Hessian product of what the next link sees, for a link that passes it on. */
const productThrough =
  <P extends Tree, Batch extends Tree, State extends Tree>(
    link: GradientTransformation<State>,
    state: State,
    upstream: HessianProduct<P, Batch>,
  ): HessianProduct<P, Batch> =>
  (params, batch, v) =>
    link.hvp?.(upstream, state, params, batch, v) ?? v;

/** The gradient function that the next link sees: `upstream` through `link`, with the link's next state on board. */
function through<P extends Tree, Batch extends Tree, Aux extends Tree, State extends Tree>(
  link: GradientTransformation<State>,
  state: State,
  upstream: GradientFn<P, Batch, Aux>,
): GradientFn<P, Batch, Aux> {
  const gradient = (params: P, batch: Batch): Evaluation<P, Aux> => {
    const [evaluation, next] = link.update(upstream, state, params, batch);
    return { ...evaluation, carried: [next, ...(evaluation.carried ?? [])] };
  };
  const { hvp, hvpLostIn } = upstream;
  if (hvp === undefined) return Object.assign(gradient, { hvpLostIn });
  if (link.hvp === undefined) return Object.assign(gradient, { hvpLostIn: link.name ?? 'a link without a name' });
  return Object.assign(gradient, { hvp: productThrough(link, state, hvp) });
}

/**
 * Composes transformations from left to right: the first sees the loss's own gradient, the last gives the step.
 *
 * The order is the algorithm: `chain(samTransform(rho), microBatch(m))` is m-sharpness, `chain(microBatch(m), samTransform(rho))` is
 * gradient accumulation. Chains nest: `chain(a, chain(b, c))` equals `chain(a, b, c)`, and `chain()` changes nothing. The cost is the
 * product of the links' costs, since a link that evaluates k times runs all links before it k times.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { chain, samTransform, scale } from '@steppe/transforms';
 *
 * const optimizer = chain(samTransform(0.5), scale(-0.1));
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, null);
 * console.log([...grads.dataSync()].map((x) => x.toFixed(2))); // => [ '-0.66', '-0.88' ]
 * ```
 */
export function chain<const Links extends readonly GradientTransformation<Tree>[]>(
  ...links: Links
): GradientTransformation<ChainState<Links>> {
  const linear = links.every((link) => link.hvp !== undefined);
  return transformation({
    ...call('chain', ...links),
    name: links.find((link) => link.hvp === undefined)?.name ?? 'chain',
    gradientCost: links.reduce((cost, link) => cost * link.gradientCost, 1),
    init: (params) => links.map((link) => link.init(params)) as unknown as ChainState<Links>,
    update(gradient, states, params, batch) {
      const composed = links.reduce((upstream, link, i) => through(link, states[i] as Tree, upstream), gradient);
      const { carried = [], ...evaluation } = composed(params, batch);
      // What lies behind our own links' states belongs to a chain around this one.
      const own = carried.slice(0, links.length).reverse();
      return [{ ...evaluation, carried: carried.slice(links.length) }, own as unknown as ChainState<Links>];
    },
    ...(linear && {
      hvp: (upstream, states, params, batch, v) =>
        links.reduce((product, link, i) => productThrough(link, states[i] as Tree, product), upstream)(
          params,
          batch,
          v,
        ),
    }),
  });
}
