import type { Scalar } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import type { Call } from '../links/call.ts';

/** Makes a schedule of several operations leave nothing but its value, and say which call made it. */
export const schedule = ({ made }: { readonly made: Call }, f: (count: Scalar) => Scalar): Schedule =>
  Object.assign((count: Scalar) => tf.tidy(() => f(count)), { made });
