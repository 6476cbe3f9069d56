import type { Shape } from '@steppe/datasets';
import { key } from '@steppe/random';
import { type Tree, zerosLike } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import { makeOptimizer } from './optimizer.ts';

/** A gradient that is zero everywhere and knows what a network's gradient knows. */
const nothing = Object.assign(
  <P extends Tree>(params: P) => ({
    value: tf.scalar(0),
    grads: zerosLike(params),
    aux: null,
    cotangent: tf.zeros([1]),
  }),
  {
    hvp: <P extends Tree>(_: P, __: Tree, v: P): P => zerosLike(v),
    functional: <P extends Tree>(params: P): P => zerosLike(params),
  },
);

/**
 * Refuses a chain that does not fit the network that was made, before the run begins: one whose selections choose
 * nothing, or a link that needs what a link before it loses.
 *
 * It makes one step with gradients of zero, so it costs no pass through the network.
 *
 * @param steps - Those of the run.
 * @throws When a link refuses the parameters or what stands before it, in one line.
 */
export function checkFit(
  options: Options,
  steps: number,
  { params, state }: { params: Tree; state: Tree },
  shape: Shape,
): void {
  if (options.chain === undefined) return;
  const { batch } = options;
  try {
    tf.tidy(() => {
      const optimizer = makeOptimizer(options, steps, (_, { batch }) => tf.zeros([batch.labels.size]));
      const examples = {
        images: tf.zeros<tf.Rank.R4>([batch, ...shape]),
        labels: tf.zeros<tf.Rank.R1>([batch], 'int32'),
      };
      optimizer.update(nothing, optimizer.init(params), params, { batch: examples, key: key(0), state });
    });
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw new CommandError(`chain: ${cause.message}`, undefined, { cause });
  }
}
