import { type Tree, zerosLike } from '@steppe/tree';
import type { GradientTransformation, Select } from '../contract.ts';
import { call } from './call.ts';
import { checkFunctions, checkLink, traitsOf } from './check-link.ts';
import { stateless } from './lift.ts';
import { gradientOfPart, productOfPart } from './part.ts';
import { checkSelection, merge, only } from './select.ts';
import { transformation } from './transformation.ts';

const identity: GradientTransformation<null> = stateless((grads) => grads, { sign: 1, linear: true });

/**
 * Holds the chosen parameters still and trains the others: u = (0 on the chosen leaves, link(∇L) on the others).
 *
 * Around a whole optimizer it is as if the frozen leaves were constants of the loss: the link gets a tree that has
 * `null` for them, so norms, ε̂, decays and moments are of the others, no state is made for the frozen ones, and SAM does
 * not move them. Their gradients are never looked at, so a NaN there does no harm, and `valueAndGrad` does not compute
 * them. As the first link of a chain, `chain(freeze(select), ...)`, it gives zero gradients for them, which a link behind
 * may turn into a step again, as decay does. `masked` is not this: it passes the other leaves' gradients on unchanged.
 *
 * @param select - The leaves that are held, by path and shape.
 * @param link - What transforms the gradients of the others; by default they pass as they are.
 * @throws When `select` is not a function or `link` no transformation; at `init`, when `select` chooses no leaf, or when
 * it chooses all and there is a link, with the paths that there are.
 * @see optax.freeze and optax.set_to_zero
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { adamw, chain, freeze, samTransform } from '@steppe/transforms';
 *
 * // The head is trained by SAM, on a backbone that stays as it is.
 * const optimizer = freeze((path) => path.startsWith('.backbone'), chain(samTransform(0.05), adamw(0.1, 0.01)));
 * const params = { backbone: tf.scalar(1), head: tf.scalar(2) };
 * const gradient = () => ({ value: tf.scalar(1), grads: { backbone: tf.scalar(NaN), head: tf.scalar(3) }, aux: null });
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(params), params, null);
 * console.log(grads.backbone.arraySync(), grads.head.arraySync().toFixed(3)); // => 0 -0.102
 * ```
 */
export function freeze(select: Select): GradientTransformation<null>;
export function freeze<State extends Tree, Seen extends Tree = Tree>(
  select: Select,
  link: GradientTransformation<State, Seen>,
): GradientTransformation<State, Seen>;
export function freeze(select: Select, link: GradientTransformation<Tree> = identity): GradientTransformation<Tree> {
  checkFunctions({ select });
  checkLink('link', link);
  const trained: Select = (path, leaf) => !select(path, leaf);
  const { linear, affine } = link;
  return transformation({
    ...call('freeze', select, ...(link === identity ? [] : [link])),
    ...traitsOf(link),
    init(params) {
      checkSelection('freeze', params, select);
      if (link !== identity) checkSelection('What freeze leaves to its link', params, trained);
      return link.init(only(params, trained));
    },
    update(gradient, state, params, batch) {
      const part = gradientOfPart(gradient, params, trained);
      const [evaluation, next] = link.update(part, state, only(params, trained), batch);
      return [{ ...evaluation, grads: merge(zerosLike(params), evaluation.grads) }, next];
    },
    affine,
    ...(linear && {
      linear: (product, state, params, batch, weights) => {
        const part = productOfPart(product, params, trained);
        const own = linear(part, state, only(params, trained), batch, only(weights, trained));
        return merge(zerosLike(params), own);
      },
    }),
  });
}
