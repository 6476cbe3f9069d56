import { aNumber, checkNumber, checkOptions, finite, oneOf } from '@steppe/check';
import type { Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { constant, cosineDecay, linear } from './decay.ts';
import { join } from './join.ts';
import { schedule } from './schedule.ts';
import { checkTail, tailStart, wholeSteps } from './tail.ts';
import { withWarmup } from './with-warmup.ts';

export type StableOptions = {
  /** W, the steps of the warm-up, part of the run. @defaultValue 0 */
  readonly warmup?: number;
  /** How it decays: in a straight line or along half a cosine. @defaultValue 'linear' */
  readonly decay?: 'linear' | 'cosine';
};

/**
 * Stays at a peak for most of a run and decays to 0 in its tail: v·min(1, t/W) until t₀ = round((1 - f)·T), from there
 * v·(1 - (t - t₀)/(T - t₀)), or half a cosine.
 *
 * A run can go on from the stable part to another T, and `lateSam(rho, T, f)` is SAM for just the decay. It is a `join`
 * of `constant` and `linear`, behind `withWarmup`.
 *
 * @param peak - v, a learning rate, or minus one at the end of a chain.
 * @param steps - T, the steps of the run.
 * @param tail - f in (0, 1], the share of the steps in which it decays.
 * @throws When T, f or an option is out of range, or the warm-up is longer than what stands before the decay.
 * @see Hu et al., MiniCPM, arXiv 2404.06395, section 4.2; Hägele et al., NeurIPS 2024.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { warmupStableDecay } from '@steppe/transforms';
 *
 * const rate = warmupStableDecay(0.1, 100, 0.2, { warmup: 10 });
 * console.log([5, 50, 90].map((step) => rate(tf.scalar(step, 'int32')).arraySync().toFixed(3))); // => [ '0.050', '0.100', '0.050' ]
 * ```
 */
export function warmupStableDecay(peak: number, steps: number, tail = 0.2, options: StableOptions = {}): Schedule {
  checkNumber('The peak of warmupStableDecay', peak, finite);
  checkTail(steps, tail);
  checkOptions('warmupStableDecay', options, { warmup: aNumber(wholeSteps), decay: oneOf('linear', 'cosine') });
  const { warmup = 0, decay = 'linear' } = options;
  // A tail so short that it rounds to nothing is the last step.
  const start = Math.min(tailStart(steps, tail), steps - 1);
  if (warmup > start)
    throw new Error(`The warmup must end before the decay begins, at step ${start}, got ${warmup} steps.`);
  const fall = decay === 'linear' ? linear(peak, 0, steps - start) : cosineDecay(peak, steps - start);
  const stable = start > warmup ? join([constant(peak), fall], [start - warmup]) : fall;
  const { made } = call('warmupStableDecay', peak, steps, tail, options);
  const rate = warmup > 0 ? withWarmup(stable, warmup) : stable;
  return schedule({ made }, rate.values, rate);
}
