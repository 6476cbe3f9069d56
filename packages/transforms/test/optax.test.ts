import type { Tree } from '@steppe/tree';
import { map, norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  applyUpdates,
  chain,
  constant,
  type GradientTransformation,
  linear,
  momentum,
  sam,
  samTransform,
  scale,
  scaleByAdam,
  sgd,
  stateless,
  trace,
  transformation,
} from '../src/index.ts';
import { descend } from './support/step.ts';
import { numbers } from './support/trees.ts';
import { expectNear, expectPath, vectors } from './support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Parabola = {
  readonly p0: number[];
  readonly target: number[];
  readonly lr: number;
  readonly rho: number;
  readonly momentum?: number;
  readonly reset_state: boolean;
};
const parabola = (target: readonly number[]) => (w: tf.Tensor) => ({
  value: tf.sum<tf.Scalar>(tf.square(tf.sub(w, tf.tensor1d([...target])))),
  grads: tf.mul(tf.sub(w, tf.tensor1d([...target])), 2),
  aux: null,
});
const pathOf = (optimizer: GradientTransformation<Tree>, { p0, target }: Parabola, steps: number) =>
  tf.tidy(() => descend(optimizer, parabola(target), tf.tensor1d(p0), null, steps));

const normalize = stateless((grads) => {
  const length = norm(grads);
  return map(grads, (g) => tf.div(g, length));
});

/** Evaluates where an adversarial optimizer of any kind gets to in some steps: what optax's `sam` takes as an argument,
 * as a link. */
const adversary = (ascent: GradientTransformation<Tree>, steps: number, reset: boolean): GradientTransformation<Tree> =>
  transformation({
    gradientCost: steps + 1,
    init: ascent.init,
    update(gradient, state, params, batch) {
      const clean = gradient(params, batch);
      let at = params;
      let next = reset ? ascent.init(params) : state;
      for (let step = 0; step < steps; step++) {
        const [{ grads }, moved] = ascent.update(step === 0 ? () => clean : gradient, next, at, batch);
        at = applyUpdates(at, grads);
        next = moved;
      }
      return [{ ...clean, grads: gradient(at, batch).grads }, next];
    },
  });

describe('optax.contrib.sam at every synchronization', () => {
  test.each(vectors<Parabola, { opaque: number[][] }>('optax/parabola/sync=2'))('$id', ({ inputs, expected }) => {
    const optimizer = sam(momentum(inputs.lr, inputs.momentum ?? 0), inputs.rho);
    expectPath(pathOf(optimizer, inputs, expected.opaque.length), expected.opaque);
  });

  test.each(vectors<Parabola, { opaque: number[][] }>('optax/parabola/sync=3/sgd+normsgd'))(
    '$id: two ascent steps, of one direction on this loss, are one of twice the radius',
    ({ inputs, expected }) => {
      const { lr, rho } = inputs;
      const twice = chain(adversary(chain(normalize, scale(rho)), 2, true), sgd(lr));
      expectPath(pathOf(twice, inputs, expected.opaque.length), expected.opaque);
      expectPath(pathOf(sam(sgd(lr), 2 * rho), inputs, expected.opaque.length), expected.opaque);
    },
  );

  test.each(vectors<Parabola, { opaque: number[][] }>('optax/parabola/sync=3/adv=adam'))(
    '$id: an adversary with a state is a link',
    ({ inputs, expected }) => {
      const ascent = chain(normalize, scaleByAdam(), scale(0.03));
      const optimizer = chain(adversary(ascent, 2, inputs.reset_state), adam(0.1));
      expectPath(pathOf(optimizer, inputs, expected.opaque.length), expected.opaque);
    },
  );

  test.each(vectors<Parabola, { opaque: number[][] }>('optax/parabola/sync=3/adv=sgd-mom'))(
    '$id: an adversary with momentum',
    ({ inputs, expected }) => {
      const ascent = chain(normalize, trace(0.5), scale(0.1));
      const optimizer = chain(adversary(ascent, 2, inputs.reset_state), adam(0.1));
      expectPath(pathOf(optimizer, inputs, expected.opaque.length), expected.opaque);
    },
  );
});

describe('the traps of optax.contrib.sam', () => {
  test.each(
    vectors<object, { applied_rho_reset_true: number[]; applied_rho_reset_false: number[] }>('optax/rho-schedule-trap'),
  )('$id: a schedule of rho moves', ({ expected }) => {
    const link = samTransform(linear(0.1, 0.5, 4));
    const w = tf.tensor1d([-1, 10, 1]);
    let state = link.init(w);
    const radii = expected.applied_rho_reset_false.map(() => {
      const [{ report }, next] = link.update(parabola([1, -1, 1]), state, w, null);
      state = next;
      return numbers(report?.rho)[0] ?? Number.NaN;
    });
    expectNear(radii, expected.applied_rho_reset_false, 1e-6);
    expect(Math.abs((radii[3] ?? 0) - (expected.applied_rho_reset_true[3] ?? 0))).toBeGreaterThan(0.2);
  });

  test.each(vectors<Parabola, { correct: number[][]; optax_transparent_buggy: number[][] }>('optax/sync=1'))(
    '$id: without an ascent step it is the optimizer itself',
    ({ inputs, expected }) => {
      const path = pathOf(chain(adversary(chain(), 0, true), sgd(inputs.lr)), inputs, expected.correct.length);
      expectPath(path, expected.correct);
      expect(() => expectPath(path, expected.optax_transparent_buggy)).toThrow();
    },
  );

  test.each(
    vectors<Parabola, { correct: number[][] }>('optax/zero-gradient').filter(({ id }) => !/perturbed/.test(id)),
  )('$id: a start at the minimum stays there, without a NaN', ({ inputs, expected }) => {
    expect(pathOf(sam(sgd(inputs.lr), inputs.rho), inputs, expected.correct.length)).toEqual(expected.correct);
  });

  test.each(
    vectors<{ w: number; rho: number }, { correct_w_after_2_calls: number[] }>(
      'optax/zero-gradient-at-perturbed-point',
    ),
  )('$id: a gradient of 0 at the perturbed point is a step of 0', ({ inputs: { w, rho }, expected }) => {
    const gradient = (at: tf.Tensor) => ({ value: tf.scalar(0), grads: tf.sub(1.1, at), aux: null }); // L = 1.1·w - ½·w²
    const path = tf.tidy(() => descend(sam(sgd(0.1), rho), gradient, tf.tensor1d([w]), null, 4));
    for (const point of path) expectNear(point, expected.correct_w_after_2_calls, 1e-6);
  });

  test.each(vectors<{ calls: number; sync_period: number }, { outer_count: number }>('optax/outer-step-count'))(
    '$id: one update is one step of every schedule',
    ({ inputs, expected }) => {
      const optimizer = sam(sgd(constant(0.1)), constant(0.1));
      const w = tf.tensor1d([-1, 10, 1]);
      let state = optimizer.init(w);
      for (let step = 0; step < inputs.calls / inputs.sync_period; step++)
        state = optimizer.update(parabola([1, -1, 1]), state, w, null)[1];
      expect(numbers(state)).toEqual([expected.outer_count, expected.outer_count]);
    },
  );
});
