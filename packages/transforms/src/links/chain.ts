import { checkFunction } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import type { GradientFn, GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { checkLink } from './check-link.ts';
import { costOf } from './cost.ts';
import { inPlaceOf } from './in-place-of.ts';
import { through } from './through.ts';
import { transformation } from './transformation.ts';

/** The states of a chain, one for each link, as a tuple. */
export type ChainState<Links extends readonly GradientTransformation<Tree, never>[]> = {
  readonly [I in keyof Links]: Links[I] extends GradientTransformation<infer State, never> ? State : never;
};

/** Nothing for a link that takes any batch, or of which nothing is known, as in `ReturnType<typeof chain>`. */
type Looks<Link> =
  Link extends GradientTransformation<Tree, infer Seen>
    ? Tree extends Seen
      ? never
      : [Seen] extends [never]
        ? never
        : (batch: Seen) => void
    : never;

/** What all links of a union see: a batch that each of them takes. */
export type SeenBy<Link> = [Looks<Link>] extends [never]
  ? Tree
  : Looks<Link> extends (batch: infer Seen extends Tree) => void
    ? Seen
    : never;

/** The gradient function of a user, whose result is looked at: a loss in its place gives a tensor. */
function checked<P extends Tree, Batch extends Tree, Aux extends Tree>(
  gradient: GradientFn<P, Batch, Aux>,
): GradientFn<P, Batch, Aux> {
  checkFunction('gradient', gradient);
  return inPlaceOf(gradient, (...at) => {
    const evaluation = gradient(...at);
    if (Object(evaluation).grads === undefined)
      throw new Error('gradient must give { value, grads, aux }: make it of a loss by valueAndGrad(loss).');
    return evaluation;
  });
}

/**
 * The sign of what comes out of some links, the product of theirs; 1 only where every one of them says its own.
 *
 * @throws When one that moves along the gradient stands behind one that has turned it, with the order to use.
 */
function signThrough(links: readonly GradientTransformation<Tree>[]): GradientTransformation<Tree>['sign'] {
  let [sign, turned] = [1 as GradientTransformation<Tree>['sign'], ''];
  for (const { name = 'a link', sign: own = 1, uphill } of links) {
    if (uphill && sign !== 1)
      throw new Error(
        `${name} would step downhill behind ${turned}, ${sign === -1 ? 'which turns the gradient around' : 'whose schedule says no sign'}: write chain(${name}, ${turned}).`,
      );
    if (own !== 1) turned = name;
    sign = own === 'unknown' || sign === 'unknown' ? 'unknown' : own === sign ? 1 : -1;
  }
  return sign === 1 && links.some((link) => link.sign === undefined) ? undefined : sign;
}

/**
 * Composes transformations from left to right: the first sees the loss's own gradient, the last gives the step.
 *
 * The order is the algorithm: `chain(samTransform(rho), microBatch(m))` is m-sharpness,
 * `chain(microBatch(m), samTransform(rho))` is gradient accumulation. Chains nest: `chain(a, chain(b, c))` equals
 * `chain(a, b, c)`, and `chain()` changes nothing. The cost is the product of the links' costs, since a link that
 * evaluates k times runs all links before it k times.
 *
 * @throws When an argument is not a transformation, or one that moves along the gradient, as SAM, stands behind one
 * that turns it around, as `scale(-0.1)` and `sgd(0.1)` do; at an update, when the state is of another chain, or a loss
 * stands in place of its gradient function.
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
export function chain<const Links extends readonly GradientTransformation<Tree, never>[]>(
  ...links: Links
): GradientTransformation<ChainState<Links>, SeenBy<Links[number]>>;
export function chain(...links: readonly GradientTransformation<Tree>[]): GradientTransformation<readonly Tree[]> {
  for (const [i, link] of links.entries()) checkLink(`Link ${i + 1} of chain`, link);
  const sign = signThrough(links);
  const linear = links.every((link) => link.linear !== undefined);
  return transformation({
    ...call('chain', ...links),
    sign,
    uphill: links.some(({ uphill }) => uphill),
    // Of which a message must speak.
    name: (links.find((link) => !link.linear) ?? links.find((link) => link.affine))?.name ?? 'chain',
    affine: links.some((link) => link.affine),
    adds: links.every((link) => link.adds),
    ...costOf(links, (costs) => costs.reduce((product, cost) => product * cost, 1)),
    init: (params) => links.map((link) => link.init(params)),
    update(gradient, states, params, batch) {
      // Of another chain, as `transformation` says.
      if (states.length !== links.length) throw new Error('Another state.');
      const composed = links.reduce(
        (upstream, link, i) => through(link, states[i] as Tree, upstream),
        checked(gradient),
      );
      const { carried = [], ...evaluation } = composed(params, batch);
      // What lies behind our own links' states belongs to a chain around this one.
      const own = carried.slice(0, links.length).reverse();
      return [{ ...evaluation, carried: carried.slice(links.length) }, own];
    },
    ...(linear && {
      linear: (product, states, params, batch, weights) =>
        links.reduce(
          (before, { linear }, i): typeof product =>
            (at, of) =>
              linear?.(before, states[i] as Tree, at, of, weights) ?? before(at, of),
          product,
        )(params, batch),
    }),
  });
}
