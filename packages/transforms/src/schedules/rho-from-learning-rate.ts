import { checkNumber, checkOptions, nonNegative, refusal } from '@steppe/check';
import { asScalar } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../contract.ts';
import { call } from '../links/call.ts';
import { checkFunctions } from '../links/check-link.ts';
import { schedule } from './schedule.ts';

function checkPair(name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2) throw refusal(name, 'a pair of numbers', pair);
  for (const end of pair) checkNumber(name, end, nonNegative);
}

/**
 * Ties a radius to a learning rate, linearly: ρ_t = ρ_min + (ρ_max - ρ_min)·(η_t - η_min)/(η_max - η_min).
 *
 * @param range - `rho: [ρ_min, ρ_max]` and `learningRate: [η_min, η_max]`.
 * @throws When the learning rates of the range are equal.
 * @see Zhuang et al., ICLR 2022, section 4.2.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { linear, rhoFromLearningRate } from '@steppe/transforms';
 *
 * const rho = rhoFromLearningRate(linear(0.1, 0, 10), { rho: [0.01, 0.05], learningRate: [0, 0.1] });
 * console.log(rho(tf.scalar(5, 'int32')).arraySync().toFixed(3)); // => 0.030
 * ```
 */
export function rhoFromLearningRate(
  learningRate: Schedule,
  range: { readonly rho: readonly [number, number]; readonly learningRate: readonly [number, number] },
): Schedule {
  checkFunctions({ learningRate });
  checkOptions('rhoFromLearningRate', range, ['rho', 'learningRate']);
  checkPair('rho', range.rho);
  checkPair('learningRate', range.learningRate);
  const [low, high] = range.rho;
  const [slowest, fastest] = range.learningRate;
  if (slowest === fastest)
    throw new Error(`The learning rates of the range must differ, got [${slowest}, ${fastest}].`);
  const slope = (high - low) / (fastest - slowest);
  // Beyond the range of learning rates it goes on in the same line; in float32, where 0.7·0.1 is 0.07.
  const values = learningRate.values?.map((rate) => low + slope * (Math.fround(rate) - Math.fround(slowest)));
  return schedule(call('rhoFromLearningRate', learningRate, range), values, (count) =>
    asScalar(tf.add(tf.mul(tf.sub(learningRate(count), slowest), slope), low)),
  );
}
