import { runInNewContext } from 'node:vm';
import { fc, test as property } from '@fast-check/vitest';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Evaluation, GradientTransformation, Schedule } from '../../src/index.ts';
import * as transforms from '../../src/index.ts';
import {
  adam,
  addDecayedWeights,
  after,
  applyUpdates,
  chain,
  during,
  gradientsOver,
  handOver,
  interval,
  lateSam,
  linear,
  momentum,
  samTransform,
  scale,
  scaleByAdam,
  scaleBySchedule,
  sgd,
  stateless,
  textOf,
  trace,
} from '../../src/index.ts';
// Made by `tools/vectors/late-sam.py`, in float64 from the formulas.
import paths from '../fixtures/late-sam.json' with { type: 'json' };
import { descend, gradientOf } from '../support/step.ts';
import { bits } from '../support/trees.ts';
import { expectNear, expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const [A, B, W] = [
  [1, 4, 0.5],
  [0.3, 0.2, 0.5],
  [0.7, -0.4, 1.1],
];

/** The gradient of Σ aⱼwⱼ²/2 + Σ bⱼwⱼ⁴/4, that of the fixture, and how often it was evaluated. */
function counted() {
  let evaluations = 0;
  const gradient = (w: tf.Tensor): Evaluation<tf.Tensor, null> => {
    evaluations += 1;
    const grads = tf.add(tf.mul(w, A), tf.mul(tf.pow(w, 3), B));
    return { value: tf.scalar(0), grads, aux: null };
  };
  return { gradient, evaluations: () => evaluations };
}

/** The bits of the weights after each step, and the evaluations of each. */
function follow<State extends Tree>(
  optimizer: GradientTransformation<State>,
  steps: number,
): { readonly path: readonly string[]; readonly evaluations: readonly number[]; readonly state: State } {
  const { gradient, evaluations } = counted();
  const path: string[] = [];
  const counts: number[] = [];
  let [w, state] = [tf.tensor1d(W), optimizer.init(tf.tensor1d(W))];
  for (let step = 0; step < steps; step++) {
    const before = evaluations();
    const [{ grads }, next] = optimizer.update(gradient, state, w, null);
    [w, state] = [applyUpdates(w, grads) as tf.Tensor1D, next];
    path.push(...bits(w));
    counts.push(evaluations() - before);
  }
  return { path, evaluations: counts, state };
}

const inTidy = <T>(f: () => T): T => {
  let result: T | undefined;
  tf.tidy(() => {
    result = f();
  });
  return result as T;
};

test.each(Object.entries(paths))('%s goes the way of its formula', (code, path) => {
  const optimizer: GradientTransformation<Tree> = runInNewContext(code, { ...transforms });
  expectPath(
    tf.tidy(() => descend(optimizer, counted().gradient, tf.tensor1d(W), null, 12)),
    path,
  );
});

describe('a link that begins late', () => {
  const count = fc.integer({ min: 0, max: 7 });

  property.prop([count, count], { numRuns: 20, seed: 12 })(
    'is the chain without it before, and with it behind, bit for bit, at the cost of just that',
    (from, length) => {
      inTidy(() => {
        const [to, steps] = [from + length, 8];
        const { path, evaluations } = follow(chain(during(from, to, samTransform(0.2)), momentum(0.1)), steps);
        expect(evaluations).toEqual(Array.from({ length: steps }, (_, t) => (t >= from && t < to ? 2 : 1)));
        // The same by hand: two chains that take turns on one velocity.
        const [plain, sharp] = [chain(chain(), momentum(0.1)), chain(samTransform(0.2), momentum(0.1))];
        const start = tf.tensor1d(W);
        let [w, carried, own] = [start as tf.Tensor, momentum(0.1).init(start), samTransform(0.2).init(start)];
        const expected = Array.from({ length: steps }, (_, t) => {
          const isSharp = t >= from && t < to;
          const [{ grads }, next] = isSharp
            ? sharp.update(counted().gradient, [own, carried], w, null)
            : plain.update(counted().gradient, [[], carried], w, null);
          if (isSharp) own = next[0] as typeof own;
          [w, carried] = [applyUpdates(w, grads), next[1]];
          return bits(w);
        });
        expect(path).toEqual(expected.flat());
      });
    },
  );

  test('from the first step on is the link, and after the last one is none', () => {
    inTidy(() => {
      const all = follow(chain(samTransform(0.2), momentum(0.1)), 5);
      expect(follow(chain(after(0, samTransform(0.2)), momentum(0.1)), 5).path).toEqual(all.path);
      expect(follow(chain(lateSam(0.2, 5, 1), momentum(0.1)), 5).path).toEqual(all.path);
      const none = follow(momentum(0.1), 5);
      expect(follow(chain(after(5, samTransform(0.2)), momentum(0.1)), 5)).toMatchObject({
        path: none.path,
        evaluations: none.evaluations,
      });
    });
  });

  test('counts for itself from there, in whole steps that end at the switch', () => {
    inTidy(() => {
      const { state, evaluations } = follow(after(2, interval(2, samTransform(0.2))), 6);
      expect(evaluations).toEqual([1, 1, 1, 2, 1, 2]);
      expect(state).toMatchObject({ step: { counted: 2 }, before: [], behind: { phase: 0 } });
      // A schedule of ρ inside begins there: the ramp of late SAM.
      const reported: number[] = [];
      const ramp = chain(lateSam(linear(0.1, 0.3, 2), 6, 0.5), scale(-0.1));
      const w = tf.tensor1d(W);
      let at = ramp.init(w);
      for (let step = 0; step < 6; step++) {
        const [{ report }, next] = ramp.update(counted().gradient, at, w, null);
        reported.push(...(report?.rho?.dataSync() ?? []));
        at = next;
      }
      expectNear(reported, [0.1, 0.2, 0.3], 1e-6);
    });
  });

  test('passes the Hessian on where the link does', () => {
    inTidy(() => {
      const { gradient } = counted();
      const hvp = (w: tf.Tensor, _: null, v: tf.Tensor) =>
        tf.mul(
          v,
          tf.add(
            A,
            tf.mul(
              tf.square(w),
              B.map((b) => 3 * b),
            ),
          ),
        ) as tf.Tensor;
      const exact = Object.assign(gradient, { hvp });
      const second = samTransform(0.2, 2, { order: 2 });
      const of = (link: GradientTransformation<Tree>) => gradientOf(chain(link, second), exact, tf.tensor1d(W), null);
      expect(of(after(0, addDecayedWeights(0.5)))).toEqual(of(addDecayedWeights(0.5)));
      expect(of(after(1, addDecayedWeights(0.5)))).toEqual(of(chain()));
      expect(() => of(after(1, scaleByAdam()))).toThrow('after');
    });
  });
});

describe('late SAM', () => {
  property.prop([fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 })], { seed: 12 })(
    'of a tail of f costs 1 + f gradients a step',
    (twentieths, tail) => {
      const steps = 20 * twentieths;
      expect(gradientsOver(chain(lateSam(0.1, steps, tail / 20), sgd(0.1)), steps)).toBe(steps + tail * twentieths);
    },
  );

  test('is after() of SAM, and says so', () => {
    expect(textOf(lateSam(0.05, 1000, 0.3))).toBe('after(700, samTransform(0.05, 2))');
    expect(textOf(chain(during(1, 2, trace(0.9)), handOver(3, sgd(0.1), sgd(0.2))))).toBe(
      'chain(during(1, 2, trace(0.9)), handOver(3, chain(scale(-0.1)), chain(scale(-0.2))))',
    );
  });
});

describe('a hand-over', () => {
  test('starts what is behind cold, and leaves what was before as it was', () => {
    inTidy(() => {
      const { state } = follow(handOver(2, momentum(0.1), adam(0.1)), 5);
      const alone = follow(momentum(0.1), 2);
      expect(bits(state.before)).toEqual(bits(alone.state));
      const [{ count }] = state.behind;
      expect(count.dataSync()[0]).toBe(3);
    });
  });

  test('costs and turns what its links do', () => {
    const both = handOver(3, chain(samTransform(0.1), sgd(0.1)), scale(-0.1));
    expect([0, 2, 3, 4].map((step) => both.costAt?.(step))).toEqual([2, 2, 1, 1]);
    expect([both.sign, both.uphill, both.gradientCost]).toEqual([-1, true, 1]);
    expect(handOver(1, trace(0.9), scale(2)).sign).toBe(1);
    expect(
      handOver(
        1,
        stateless((g) => g),
        scale(2),
      ).sign,
    ).toBeUndefined();
    const own: Schedule = (count) => tf.cast(count, 'float32');
    expect(handOver(1, scaleBySchedule(own), scale(2)).sign).toBe('unknown');
    expect(() => chain(handOver(1, sgd(0.1), sgd(0.2)), samTransform(0.1))).toThrow(
      'would step downhill behind handOver',
    );
  });
});

describe('refuses', () => {
  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%s steps', (step) => {
    const said = `must be a whole number of steps, got ${step}.`;
    expect(() => after(step, chain())).toThrow(`step ${said}`);
    expect(() => handOver(step, chain(), chain())).toThrow(`step ${said}`);
    expect(() => during(step, 9, chain())).toThrow(`from ${said}`);
    expect(() => during(0, step, chain())).toThrow(`to ${said}`);
    expect(() => lateSam(0.1, step)).toThrow('steps must be a positive whole number of steps');
  });

  test('an end before the beginning, and a tail that is no part of the run', () => {
    expect(() => during(3, 2, chain())).toThrow('to must be at least from, got 2 and 3.');
    expect(() => lateSam(0.1, 10, 0)).toThrow('tail must be in (0, 1], got 0.');
    expect(() => lateSam(0.1, 10, 1.5)).toThrow('tail must be in (0, 1], got 1.5.');
    expect(() => lateSam(0.1, 10, 0.01)).toThrow(
      'tail must be more than half a step of the 10, got 0.01: without a tail',
    );
    expect(lateSam(0.1, 10, 0.06).costAt?.(9)).toBe(2);
  });

  test('a link that turns the gradient on one side only: the weights would climb on the other', () => {
    for (const make of [
      () => after(5, sgd(0.1)),
      () => during(2, 5, sgd(0.1)),
      () => handOver(5, sgd(0.1), trace(0.9)),
    ])
      expect(make).toThrow(/chain\(scale\(-0.1\)\) turns it around and (chain\(\)|trace\(0.9\)) does not/);
  });
});
