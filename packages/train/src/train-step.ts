import { checkFunction, shown } from '@steppe/check';
import { isKey, type Key } from '@steppe/random';
import {
  applyUpdates,
  checkState,
  type GradientFn,
  type GradientTransformation,
  type Report,
  type StepBatch,
} from '@steppe/transforms';
import { checkOptimizer, inPlaceOf, refusedIn } from '@steppe/transforms/parts';
import { map2, pure, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { advance } from './advance.ts';
import { countGradients } from './count-gradients.ts';
import { checkLoss, gradientOfModel, type ModelLoss, type ModelLossOfOutputs } from './model-loss.ts';
import { noteTurn, type Turn } from './turn.ts';
import type { Watch } from './watch-gradients.ts';

/** Where a training run stands: everything that the next step depends on, as data. */
export type Position<Params extends Tree, State extends Tree, OptimizerState extends Tree> = {
  /** Steps made so far. */
  readonly step: number;
  readonly params: Params;
  /** The model's own state, such as the running statistics of batch norm. */
  readonly state: State;
  readonly optimizer: OptimizerState;
  /** The run's random key; each step folds its number into it. */
  readonly key: Key;
};

/** What a step tells: scalars on the device, which nobody has read yet. */
export type StepReport = {
  /** The loss at w, before the step. */
  readonly loss: Scalar;
  /** What the loss gave beside its value, at w. */
  readonly metrics: Report;
  /** What the optimizer's links added, such as `perturbedLoss`, `gradientNorm`, `rho` and `scale`. */
  readonly report: Report;
  /** How many gradients of the whole batch were evaluated, a number on the host: 2 of a step of SAM, whose slices add up
   * to the batch; a Hessian product counts as 2. */
  readonly gradients: number;
};

/** One training step as a pure function, and the position that it starts from. */
export type TrainStep<Params extends Tree, State extends Tree, OptimizerState extends Tree, Batch extends Tree> = {
  /** Makes the first position; the parameters and the state are copied. */
  start(params: Params, state: State, key: Key): Position<Params, State, OptimizerState>;
  /** Makes one step on a batch; `watch` sees each evaluation of the gradient on the way. */
  update(
    position: Position<Params, State, OptimizerState>,
    batch: Batch,
    watch?: Watch,
  ): { readonly position: Position<Params, State, OptimizerState>; readonly report: StepReport };
  /** Gradients of the whole batch that one step evaluates, in the mean of a long run. */
  readonly gradientCost: number;
};

/** Refuses what no step can be made of. */
function checkParts(loss: unknown, optimizer: unknown): void {
  checkLoss(loss);
  const { init, update, minimize } = Object(optimizer) as { readonly [name: string]: unknown };
  if (typeof init === 'function' && typeof update === 'function') return;
  const hint =
    typeof minimize === 'function'
      ? 'an optimizer of tf.train'
      : `${shown(optimizer)}${typeof optimizer === 'function' ? ': call it' : ''}`;
  throw new Error(
    `optimizer must be a transformation of @steppe/transforms, such as sgd(0.1) or sam(sgd(0.1)), got ${hint}.`,
  );
}

/** The model's state before the step where `skipNonFinite` skipped it, since batch statistics of a bad batch may be bad
 * too. */
const keepIfSkipped = <State extends Tree>(skipped: Scalar | undefined, before: State, after: State): State =>
  skipped === undefined ? after : map2(after, before, (next, old) => tf.where(tf.greater(skipped, 0), old, next));

/** A gradient function that is named where a capture refuses what the loss does. */
const namedAsLoss = <P extends Tree, Batch extends Tree, Aux extends Tree>(
  gradient: GradientFn<P, Batch, Aux>,
): GradientFn<P, Batch, Aux> =>
  inPlaceOf(gradient, (...at) => {
    try {
      return gradient(...at);
    } catch (error) {
      throw refusedIn('the loss', error);
    }
  });

/** A gradient function of which each evaluation is seen. */
const seenBy = <P extends Tree, Batch extends Tree, Aux extends Tree>(
  watch: Watch,
  gradient: GradientFn<P, Batch, Aux>,
): GradientFn<P, Batch, Aux> => {
  const seen: typeof gradient = (...at) => {
    const evaluation = gradient(...at);
    watch(evaluation);
    return evaluation;
  };
  return Object.assign(seen, { ...gradient });
};

/**
 * Joins a loss and an optimizer into one training step: w ← w + update(∇L)(w).
 *
 * The step is a pure function of tensors: nothing passed in is freed, everything returned is the caller's, nothing is
 * read back. The optimizer's batch is a `StepBatch`, `{ batch, key, state }`: links such as `microBatch` slice the first,
 * fold the second and share the third, and a link that looks into the batch, as `esam` does, reads it there.
 *
 * A loss in two parts, `{ outputs, loss }`, trains the same; links such as `functionalSam` need it.
 *
 * @throws When the loss is no function or the optimizer no transformation; when the optimizer climbs, as
 * `chain(samTransform(0.05), scale(0.1))` or `chain(sgd(0.1), sgd(0.1))` do; at a start, when the key is none; at an
 * update, when the optimizer's state is not one of it for these parameters, as `checkState` finds, or the loss gives no
 * next state and metrics.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { key } from '@steppe/random';
 * import { sam, sgd } from '@steppe/transforms';
 * import { trainStep } from '@steppe/train';
 * import { replace } from '@steppe/tree';
 *
 * type Batch = { x: tf.Tensor; y: tf.Tensor };
 * const step = trainStep(
 *   (w: tf.Tensor, state: null, { x, y }: Batch) => [tf.mean<tf.Scalar>(tf.square(tf.sub(tf.mul(w, x), y))), { state, metrics: {} }],
 *   sam(sgd(0.1), 0.05),
 * );
 * let position = step.start(tf.scalar(0), null, key(0));
 * const batch = { x: tf.tensor1d([1, 2]), y: tf.tensor1d([3, 6]) };
 * for (let i = 0; i < 30; i++) position = replace(position, (from) => step.update(from, batch).position);
 * console.log(Math.round(position.params.dataSync()[0] ?? 0)); // => 3
 * ```
 */
export function trainStep<
  Params extends Tree,
  State extends Tree,
  OptimizerState extends Tree,
  Batch extends Tree,
  Outputs extends Tree = Tree,
>(
  loss: ModelLoss<Params, State, Batch> | ModelLossOfOutputs<Params, State, Batch, Outputs>,
  optimizer: GradientTransformation<OptimizerState, StepBatch<NoInfer<Batch>, NoInfer<State>>>,
): TrainStep<Params, State, OptimizerState, Batch> {
  checkParts(loss, optimizer);
  checkOptimizer('optimizer', optimizer);
  const exact = namedAsLoss(gradientOfModel(loss));
  const turn: Turn<Params, State, OptimizerState, Batch> = ({ params, state, optimizer: before, key }, batch, watch) =>
    pure(() => {
      checkState(optimizer, params, before);
      const { gradient, gradients } = countGradients(watch ? seenBy(watch, exact) : exact, batch);
      const [{ value, grads, aux, report = {} }, next] = optimizer.update(gradient, before, params, {
        batch,
        key,
        state,
      });
      return {
        params: applyUpdates(params, grads),
        state: keepIfSkipped(report.skipped, state, aux.state),
        optimizer: next,
        report: { loss: value, metrics: aux.metrics, report, gradients: gradients() },
      };
    });
  const step: TrainStep<Params, State, OptimizerState, Batch> = {
    gradientCost: optimizer.gradientCost,
    start(params, state, key) {
      if (!isKey(key))
        throw new Error(`key must be a random key, such as key(0) of @steppe/random, got ${shown(key)}.`);
      return pure(() => ({ step: 0, params, state, optimizer: optimizer.init(params), key }));
    },
    update(position, batch, watch) {
      if (watch) checkFunction('watch', watch);
      return advance(position, (at) => turn(at, batch, watch));
    },
  };
  noteTurn(step.update, turn);
  return step;
}
