import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AverageOptions, averageWeights, chain, sgd } from '../../src/index.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const WEIGHTS = [1, 4, 2, -3, 0.5, 7, 7, -2, 3, 1.5];

/** The average after each step of weights that go through `WEIGHTS`. */
function averages(options: AverageOptions): number[] {
  const optimizer = chain(sgd(1), averageWeights(options));
  return tf.tidy(() => {
    let w: tf.Tensor = tf.tensor1d([0]);
    let state = optimizer.init(w);
    return WEIGHTS.map((next) => {
      const gradient = (at: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.sub(at, next), aux: null });
      const [{ grads }, after] = optimizer.update(gradient, state, w, null);
      w = tf.add(w, grads);
      state = after;
      return numbers(state[1].average)[0] ?? Number.NaN;
    });
  });
}

/** The closed form: the samples so far, and their mean; the current weights before the first. */
const closedForm = ({ decay = 'equal', start = 0, every = 1 }: AverageOptions): number[] =>
  WEIGHTS.map((w, step) => {
    const samples = WEIGHTS.slice(0, step + 1).filter((_, t) => t >= start && (t - start) % every === 0);
    if (samples.length === 0) return w;
    if (decay === 'equal') return samples.reduce((sum, x) => sum + x, 0) / samples.length;
    return samples.reduce((mean, x) => decay * mean + (1 - decay) * x);
  });

describe('averageWeights', () => {
  const options: readonly AverageOptions[] = [
    {},
    { start: 3 },
    { every: 2 },
    { start: 2, every: 3 },
    { start: 20 },
    { decay: 0.9 },
    { decay: 0 },
    { decay: 0.5, start: 3 },
    { decay: 0.5, start: 1, every: 4 },
  ];
  test.each(options)('is the mean of the samples: %o', (each) => {
    expectEach(averages(each), closedForm(each), 1e-5);
  });

  test('lets the steps pass bit for bit', () => {
    tf.tidy(() => {
      const w: tf.Tensor = tf.tensor1d([1, 2]);
      const link = averageWeights();
      const grads = tf.tensor1d([0.1, -3]);
      const [evaluation] = link.update(() => ({ value: tf.scalar(0), grads, aux: null }), link.init(w), w, null);
      expect(numbers(evaluation.grads)).toEqual(numbers(grads));
    });
  });

  test('refuses options out of range', () => {
    expect(() => averageWeights({ decay: 1 })).toThrow('decay must be "equal" or a number in [0, 1), got 1.');
    expect(() => averageWeights({ start: -1 })).toThrow('start must be a whole number of steps, got -1.');
    expect(() => averageWeights({ every: 0 })).toThrow('every must be a positive whole number, got 0.');
  });
});
