import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';

/** Makes a schedule of several operations leave nothing but its value. */
export const schedule =
  (f: Schedule): Schedule =>
  (count) =>
    tf.tidy(() => f(count));
