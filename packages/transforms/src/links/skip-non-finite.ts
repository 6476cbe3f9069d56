import { asScalar, dispose, map, map2, norm, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { checkLink, traitsOf } from './check-link.ts';
import { only } from './select.ts';
import { transformation } from './transformation.ts';

/** How many steps were skipped, an int32 scalar, and the state of the wrapped optimizer. */
export type SkipState<State extends Tree> = { readonly skipped: Scalar; readonly inner: State };

/** Whether a loss and a gradient are finite numbers throughout, as a scalar on the device. */
const allFinite = ({ value, grads }: { readonly value: Scalar; readonly grads: Tree }): Tensor =>
  tf.tidy(() => {
    const [loss, largest] = [tf.abs(value), norm(grads, Number.POSITIVE_INFINITY)];
    return tf.logicalAnd(tf.less(loss, Number.POSITIVE_INFINITY), tf.less(largest, Number.POSITIVE_INFINITY));
  });

/**
 * Skips whole steps in which any evaluation had a non-finite loss or gradient, or the update is not finite: the update
 * is zero then and no tensor of the state moves.
 *
 * It wraps a whole optimizer, so that it sees both passes of SAM. All is selected on the device, without a read-back.
 * The report gains `skipped`, 1 for a skipped step and 0 else, by which a training step keeps the model's own state
 * too; the state counts them. What is plain data in a state goes on: the phase of `interval` and `lookSam`, and random
 * keys.
 *
 * @see optax.apply_if_finite
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { momentum, skipNonFinite } from '@steppe/transforms';
 *
 * const optimizer = skipNonFinite(momentum(0.1));
 * const w = tf.scalar(1);
 * const [{ grads }, state] = optimizer.update(() => ({ value: tf.scalar(NaN), grads: tf.scalar(NaN), aux: null }), optimizer.init(w), w, null);
 * console.log(grads.arraySync(), state.skipped.arraySync()); // => 0 1
 * ```
 */
export function skipNonFinite<State extends Tree, Seen extends Tree = Tree>(
  optimizer: GradientTransformation<State, Seen>,
): GradientTransformation<SkipState<State>, Seen> {
  checkLink('optimizer', optimizer);
  return transformation({
    ...call('skipNonFinite', optimizer),
    ...traitsOf(optimizer),
    gradientCost: optimizer.gradientCost,
    init: (params): SkipState<State> => ({ skipped: tf.scalar(0, 'int32'), inner: optimizer.init(params) }),
    update(gradient, state, params, batch) {
      const verdicts: Tensor[] = [];
      const watched: typeof gradient = Object.assign(
        (...[at, examples, wanted]: Parameters<typeof gradient>): ReturnType<typeof gradient> => {
          const evaluation = gradient(at, examples, wanted);
          const grads = wanted ? only(evaluation.grads, wanted) : evaluation.grads;
          // Kept, since the scope of the link that evaluates ends before the verdicts are read.
          verdicts.push(tf.keep(allFinite({ ...evaluation, grads })));
          return evaluation;
        },
        gradient,
      );
      try {
        const [evaluation, next] = optimizer.update(watched, state.inner, params, batch);
        const finite = verdicts.reduce((all, one) => tf.logicalAnd(all, one), allFinite(evaluation));
        const skip = tf.logicalNot(finite);
        const report = { ...evaluation.report, skipped: asScalar(tf.cast(skip, 'float32')) };
        return [
          { ...evaluation, grads: map(evaluation.grads, (u) => tf.where(finite, u, tf.zerosLike(u))), report },
          {
            skipped: tf.add(state.skipped, tf.cast(skip, 'int32')),
            // Plain numbers in the state come from the next one: map2 keeps those of its first tree.
            inner: map2(next, state.inner, (after, before) => tf.where(finite, after, before)),
          },
        ];
      } finally {
        dispose(verdicts);
      }
    },
  });
}
