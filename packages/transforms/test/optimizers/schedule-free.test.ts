import { asScalar, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  applyUpdates,
  chain,
  type GradientTransformation,
  linear,
  type ScheduleFreeState,
  samTransform,
  scheduleFree,
  scheduleFreeWeights,
  sgd,
} from '../../src/index.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Seen = { readonly y: number; readonly x: number; readonly z: number };

/** y, x and z after each step, for gradients that are given one after another or computed at y. */
function run(
  optimizer: GradientTransformation<ScheduleFreeState<Tree>>,
  slope: (y: number, step: number) => number,
  steps: number,
): readonly Seen[] {
  return tf.tidy(() => {
    let y: tf.Tensor = tf.scalar(1);
    let state = optimizer.init(y);
    return Array.from({ length: steps }, (_, step) => {
      const gradient = (at: tf.Tensor) => ({
        value: tf.scalar(0),
        grads: tf.scalar(slope(at.dataSync()[0] ?? Number.NaN, step)) as tf.Tensor,
        aux: null,
      });
      const [{ grads }, next] = optimizer.update(gradient, state, y, null);
      [y, state] = [applyUpdates(y, grads), next];
      const [yt = 0, x = 0, z = 0] = numbers([y, scheduleFreeWeights(y, state), state.z]);
      return { y: yt, x, z };
    });
  });
}

const gradients = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 });
const betas = fc.constantFrom(0.3, 0.9, 1);

describe('scheduleFree', () => {
  test('evaluates at the mean of all z, and trains between it and z', () => {
    fc.assert(
      fc.property(gradients, betas, (drawn, decay) => {
        const seen = run(scheduleFree(sgd(0.5), 0.5, { decay }), (_, step) => drawn[step] ?? 0, drawn.length);
        let [z, sum] = [1, 0];
        const wanted = drawn.map((g, t) => {
          z -= 0.5 * g;
          sum += z;
          const x = sum / (t + 1);
          return { y: (1 - decay) * z + decay * x, x, z };
        });
        for (const name of ['y', 'x', 'z'] as const)
          expectNear([...seen.map((at) => at[name]), 5], [...wanted.map((at) => at[name]), 5], 1e-5);
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  test('weighs each z by a power of the largest rate so far', () => {
    const rate = (t: number) => [0, 0.1, 0.2, 0.1, 0.1][t] ?? 0;
    const schedule = Object.assign(
      (count: tf.Scalar) => asScalar(tf.gather(tf.tensor1d([0, 0.1, 0.2, 0.1, 0.1]), count)),
      { sign: 1 as const },
    );
    for (const weightPower of [0, 1, 2]) {
      const seen = run(scheduleFree(sgd(schedule), schedule, { weightPower }), () => 1, 5);
      let [z, total, sum, largest] = [1, 0, 0, 0];
      const wanted = seen.map((_, t) => {
        z -= rate(t);
        largest = Math.max(largest, rate(t));
        const weight = largest ** weightPower;
        [total, sum] = [total + weight, sum + weight * z];
        return total === 0 ? 1 : sum / total;
      });
      expectEach(
        seen.map(({ x }) => x),
        wanted,
        1e-5,
      );
    }
  });

  test('takes the gradient at y, and SAM inside is taken around y', () => {
    const points: number[] = [];
    const slope = (at: number) => {
      points.push(at);
      return at;
    };
    const seen = run(scheduleFree(chain(samTransform(0.25), sgd(0.1)), 0.1), slope, 4);
    // Two points a step: y, and a quarter above it, where the slope is larger.
    const ys = [1, ...seen.slice(0, -1).map(({ y }) => y)];
    expectEach(
      points,
      ys.flatMap((y) => [y, y + 0.25]),
      1e-6,
    );
  });

  test('gets the rate of gradient descent averaged, at a constant rate', () => {
    // The largest step that a curvature of 1 allows is 2; half of it, and no decay, ends near the minimum.
    const seen = run(scheduleFree(sgd(1), 1), (y, step) => y + 0.5 * Math.sin(7 * step), 200);
    expect(Math.abs(seen.at(-1)?.x ?? 1)).toBeLessThan(0.02);
  });

  test('reads the average of its own state alone', () => {
    const optimizer = chain(samTransform(0.1), scheduleFree(sgd(0.1), 0.1));
    const w = tf.scalar(1);
    const state = optimizer.init(w);
    expect(numbers(scheduleFreeWeights(w, state[1]))).toEqual([1]);
    // @ts-expect-error the state of the whole chain
    expect(() => scheduleFreeWeights(w, state)).toThrow(
      'The state must be that of scheduleFree, got a list of 2: in a chain it is one of several.',
    );
    // @ts-expect-error no state
    expect(() => scheduleFreeWeights(w, null)).toThrow('The state must be that of scheduleFree, got null');
  });

  test('refuses options out of range', () => {
    expect(() => scheduleFree(sgd(0.1), 0.1, { decay: 0 })).toThrow('decay must be in (0, 1], got 0.');
    expect(() => scheduleFree(sgd(0.1), -1)).toThrow(
      'The learning rate must be a finite number of at least 0, got -1.',
    );
    expect(() => scheduleFree(sgd(0.1), linear(0, 1, 2), { weightPower: -1 })).toThrow('weightPower must be');
  });
});
