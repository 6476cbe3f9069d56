import type { Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation, Schedule } from '../contract.ts';
import { checkScheduled } from '../links/check-link.ts';
import type { Count } from '../links/counted.ts';
import { scale, scaleBySchedule } from '../links/scale.ts';

/** Gives a chain the name of the optimizer that it is. */
export const named = <State extends Tree>(
  name: string,
  link: GradientTransformation<State>,
): GradientTransformation<State> => ({ ...link, name });

/** A schedule turned around, whose text is that of the schedule behind a minus. */
const minus = (schedule: Schedule): Schedule =>
  Object.assign((count: Scalar) => tf.neg<Scalar>(schedule(count)), {
    sign: -1 as const,
    ...(schedule.made && { made: { ...schedule.made, name: `-${schedule.made.name}` } }),
  });

/** The last link of an optimizer: times minus the learning rate, a number or a schedule. */
export function scaleByLearningRate(learningRate: number | Schedule): GradientTransformation<Count | null> {
  checkScheduled('The learning rate', learningRate);
  const link = typeof learningRate === 'number' ? scale(-learningRate) : scaleBySchedule(minus(learningRate));
  // Not the sign of -0 or 0: a rate of 0 ends the chain too.
  return { ...link, sign: -1 };
}
