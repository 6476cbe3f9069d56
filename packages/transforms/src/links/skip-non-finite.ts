import { aNumber, checkOptions, count } from '@steppe/check';
import { asScalar, dispose, leaves, map, map2, norm, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { call } from './call.ts';
import { checkLink, traitsOf } from './check-link.ts';
import { firstNonFinite } from './first-non-finite.ts';
import { inPlaceOf } from './in-place-of.ts';
import { only } from './select.ts';
import { transformation } from './transformation.ts';

/** How many steps were skipped, an int32 scalar, and the state of the wrapped optimizer; with a limit also how many of
 * them are the last ones. */
export type SkipState<State extends Tree> = {
  readonly skipped: Scalar;
  readonly inARow?: Scalar;
  readonly inner: State;
};

/** When to give up skipping. */
export type SkipOptions = {
  /** The skips in a row that are an error in `train`. @defaultValue none are */
  readonly limit?: number | undefined;
};

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
 * With `limit` the state counts the skips in a row too, and the report gains `skippedInARow`, `skipLimit` and
 * `nonFiniteLeaf`, the place among the leaves of the parameters of the first one whose gradient is not finite, -1 where
 * only a loss or the update is not. `train` of `@steppe/train` reads them after each step and ends with an error at the
 * limit; a loop of your own calls `checkSkips`. A state that was made without a limit has no such count: `trainStep`
 * refuses it, as `checkState` does, and `update` itself counts from 0.
 *
 * @throws When `optimizer` is no transformation, or `limit` no positive whole number.
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
  options: SkipOptions = {},
): GradientTransformation<SkipState<State>, Seen> {
  checkLink('optimizer', optimizer);
  checkOptions('skipNonFinite', options, { limit: aNumber(count) });
  const { limit } = options;
  return transformation({
    ...call('skipNonFinite', optimizer, options),
    ...traitsOf(optimizer),
    init: (params): SkipState<State> => ({
      skipped: tf.scalar(0, 'int32'),
      ...(limit && { inARow: tf.scalar(0, 'int32') }),
      inner: optimizer.init(params),
    }),
    update(gradient, state, params, batch) {
      const verdicts: Tensor[] = [];
      const places: Tensor[] = [];
      // Those of the whole model, where an outer link such as `freeze` shows this one a part of it.
      const paths = limit ? leaves(gradient.whole?.(params) ?? params).map(({ path }) => path) : [];
      const watched = inPlaceOf(gradient, (at, examples, wanted) => {
        const evaluation = gradient(at, examples, wanted);
        const grads = wanted ? only(evaluation.grads, wanted) : evaluation.grads;
        // Kept, since the scope of the link that evaluates ends before the verdicts are read.
        verdicts.push(tf.keep(allFinite({ ...evaluation, grads })));
        if (limit) places.push(tf.keep(firstNonFinite(grads, paths)));
        return evaluation;
      });
      try {
        const [evaluation, next] = optimizer.update(watched, state.inner, params, batch);
        const finite = verdicts.reduce((all, one) => tf.logicalAnd(all, one), allFinite(evaluation));
        const skip = tf.logicalNot(finite);
        const inARow =
          limit && tf.mul(tf.cast(skip, 'int32'), tf.add(state.inARow ?? tf.scalar(0, 'int32'), tf.scalar(1, 'int32')));
        const report = {
          ...evaluation.report,
          skipped: asScalar(tf.cast(skip, 'float32')),
          ...(inARow && {
            skippedInARow: asScalar(tf.cast(inARow, 'float32')),
            skipLimit: tf.scalar(limit),
            nonFiniteLeaf: asScalar(
              places.reduce((earlier, later) => tf.where(tf.less(earlier, 0), later, earlier), tf.scalar(-1)),
            ),
          }),
        };
        return [
          { ...evaluation, grads: map(evaluation.grads, (u) => tf.where(finite, u, tf.zerosLike(u))), report },
          {
            skipped: tf.add(state.skipped, tf.cast(skip, 'int32')),
            ...(inARow && { inARow: asScalar(inARow) }),
            // Plain numbers in the state come from the next one: map2 keeps those of its first tree.
            inner: map2(next, state.inner, (after, before) => tf.where(finite, after, before)),
          },
        ];
      } finally {
        dispose(verdicts, places);
      }
    },
  });
}
