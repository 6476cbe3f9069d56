import { valueAndGrad } from '@steppe/autograd';
import { checkFunction, shown } from '@steppe/check';
import type { Key } from '@steppe/random';
import { type GradientFn, isTogether, type Report, type StepBatch } from '@steppe/transforms';
import type { Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The loss of a model with a state (running statistics) and random numbers (dropout).
 *
 * Gives the loss, the model's next state and any scalars worth logging. It must be pure: SAM calls it twice a step,
 * with the same state, batch and key.
 */
export type ModelLoss<Params extends Tree, State extends Tree, Batch extends Tree> = (
  params: Params,
  state: State,
  batch: Batch,
  key: Key,
) => readonly [loss: Scalar, next: { readonly state: State; readonly metrics: Report }];

/**
 * The loss of a model in two parts, as `functionalSam` needs it: the model's outputs with its next state, such as
 * logits, and the loss of them, alone or with any scalars worth logging.
 */
export type ModelLossOfOutputs<Params extends Tree, State extends Tree, Batch extends Tree, Outputs extends Tree> = {
  readonly outputs: (params: Params, state: State, batch: Batch, key: Key) => readonly [outputs: Outputs, state: State];
  readonly loss: (outputs: Outputs, batch: Batch) => Scalar | readonly [loss: Scalar, metrics: Report];
};

/** What a loss of a model gives beside its value. */
export type ModelAux<State extends Tree> = { readonly state: State; readonly metrics: Report };

/** Refuses what is no loss, in one or in two parts. */
export function checkLoss(loss: unknown): void {
  const { outputs, loss: last } = Object(loss) as { readonly [part: string]: unknown };
  if (outputs !== undefined) checkFunction('outputs', outputs);
  checkFunction('loss', outputs === undefined ? loss : last);
}

/** Refuses a loss's value alone, which leaves no next state; what else is none the gradient refuses. */
function checkGiven(given: unknown): void {
  if (!(given instanceof tf.Tensor || Array.isArray(given))) return;
  const next: object = Object(Array.isArray(given) ? given[1] : undefined);
  if ('state' in next && 'metrics' in next) return;
  const got = given instanceof tf.Tensor ? 'a tensor' : `[scalar, ${shown(given[1])}]`;
  throw new Error(`The loss must return [scalar, { state, metrics }], got ${got}.`);
}

/** The batch of one step, which must not be several. */
function single<Batch extends Tree>(batch: Batch): Batch {
  if (!isTogether(batch)) return batch;
  throw new Error(
    'Batches that are put together have reached the loss: put accumulate() into the chain of the optimizer, before samTransform for one perturbation of all, or behind it for one of each.',
  );
}

/** The gradient function of a model's loss, of either form, over the batch of a step. */
export function gradientOfModel<Params extends Tree, State extends Tree, Batch extends Tree, Outputs extends Tree>(
  loss: ModelLoss<Params, State, Batch> | ModelLossOfOutputs<Params, State, Batch, Outputs>,
): GradientFn<Params, StepBatch<Batch, State>, ModelAux<State>> {
  if (typeof loss === 'function')
    return valueAndGrad((params: Params, { state, batch, key }: StepBatch<Batch, State>) => {
      const given = loss(params, state, single(batch), key);
      checkGiven(given);
      return given;
    });
  const parts = valueAndGrad({
    outputs: (params: Params, { state, batch, key }: StepBatch<Batch, State>): readonly [Outputs, State] => {
      const given = loss.outputs(params, state, single(batch), key);
      if (!Array.isArray(given) || given.length !== 2)
        throw new Error(
          `outputs must return [outputs, state], got ${given instanceof tf.Tensor ? 'a tensor' : shown(given)}.`,
        );
      return given;
    },
    loss: (outputs, { batch }: StepBatch<Batch, State>): readonly [Scalar, Report] => {
      const given = loss.loss(outputs, batch);
      return given instanceof tf.Tensor ? [given, {}] : [given[0], given[1]];
    },
  });
  const evaluate: GradientFn<Params, StepBatch<Batch, State>, ModelAux<State>> = (...at) => {
    const { aux, ...evaluation } = parts(...at);
    return { ...evaluation, aux: { state: aux.outputs, metrics: aux.loss } };
  };
  return Object.assign(evaluate, { ...parts });
}
