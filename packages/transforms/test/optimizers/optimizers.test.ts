import { dispose, map, norm, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type GradientTransformation,
  momentum,
  sam,
  samTransform,
  scale,
  scaleByAdam,
  scaleBySchedule,
  sgd,
  trace,
} from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { descend, feed } from '../support/step.ts';
import { bits, numbers, plans, withTree } from '../support/trees.ts';
import { expectEach, expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const sequences = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 });
const decays = fc.constantFrom(0, 0.5, 0.9, 0.99);

describe('trace', () => {
  test('is v ← g + βv, and with Nesterov gives g + βv', () => {
    fc.assert(
      fc.property(sequences, decays, (gradients, decay) => {
        let v = 0;
        const velocities = gradients.map((g) => {
          v = g + decay * v;
          return v;
        });
        expectNear([...feed(trace(decay), gradients), 1], [...velocities, 1], 1e-5);
        const ahead = gradients.map((g, i) => g + decay * (velocities[i] ?? 0));
        expectNear([...feed(trace(decay, { nesterov: true }), gradients), 1], [...ahead, 1], 1e-5);
      }),
    );
  });

  test.each([-0.1, 1, Number.NaN])('refuses a decay of %s', (decay) => {
    expect(() => trace(decay)).toThrow(`The decay of trace must be in [0, 1), got ${decay}.`);
  });
});

describe('scaleByAdam', () => {
  test('is Adam with both bias corrections', () => {
    fc.assert(
      fc.property(sequences, decays, fc.constantFrom(0.9, 0.999), (gradients, b1, b2) => {
        let [m, v] = [0, 0];
        const expected = gradients.map((g, i) => {
          [m, v] = [b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g];
          return m / (1 - b1 ** (i + 1)) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + 1e-3);
        });
        expectNear([...feed(scaleByAdam({ b1, b2, epsilon: 1e-3 }), gradients), 1], [...expected, 1], 5e-5);
      }),
    );
  });

  test('gives zero, and no NaN, for zero gradients', () => {
    expect(feed(scaleByAdam(), [0, 0, 0])).toEqual([0, 0, 0]);
  });

  test.each([-0.1, 1, Number.NaN])('refuses decays of %s', (decay) => {
    expect(() => scaleByAdam({ b1: decay })).toThrow(`b1 must be in [0, 1), got ${decay}.`);
    expect(() => adam(0.1, { b2: decay })).toThrow(`b2 must be in [0, 1), got ${decay}.`);
  });
});

describe('clipByGlobalNorm', () => {
  const clip = (grads: Tree, bound: number) =>
    clipByGlobalNorm(bound).update(() => ({ value: tf.scalar(0), grads, aux: null }), null, grads, null)[0].grads;

  test('shortens to the bound over all leaves jointly, keeps the direction, and short gradients bit for bit', () => {
    fc.assert(
      fc.property(plans(), fc.constantFrom(0.5, 2, 50), (plan, bound) =>
        withTree(plan, (grads) => {
          const length = numbers(norm(grads))[0] ?? 0;
          const clipped = clip(grads, bound);
          if (length <= bound) expect(bits(clipped)).toEqual(bits(grads));
          else expectNear(numbers(clipped), numbers(map(grads, (g) => tf.mul(g, bound / length))), 1e-6);
        }),
      ),
    );
  });

  test('holds for gradients whose squares underflow or overflow', () => {
    tf.tidy(() => {
      expectEach(numbers(clip(tf.tensor1d([3e-30, -4e-30]), 5e-31)), [3e-31, -4e-31]);
      expectEach(numbers(clip(tf.tensor1d([3e30, -4e30]), 5)), [3, -4]);
      expect(numbers(clip(tf.tensor1d([0, 0]), 1))).toEqual([0, 0]);
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-46])('refuses a bound of %s', (bound) => {
    const said = `The bound of clipByGlobalNorm must be a finite number above 0, got ${bound}.`;
    expect(() => clipByGlobalNorm(bound)).toThrow(said);
  });
});

describe('scale and scaleBySchedule', () => {
  test('multiply, and say by what', () => {
    expect(feed(scale(-0.5), [1, 2])).toEqual([-0.5, -1]);
    expect(
      feed(
        scaleBySchedule((count) => tf.cast(count, 'float32')),
        [5, 5, 5],
      ),
    ).toEqual([0, 5, 10]);
    tf.tidy(() => {
      const [{ report }] = scale(-0.5).update(quadratic([1]), null, tf.tensor1d([1]), null);
      expect(numbers([report?.scale])).toEqual([-0.5]);
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('scale refuses %s', (factor) => {
    expect(() => scale(factor)).toThrow(`The factor of scale must be a finite number, got ${factor}.`);
  });
});

describe('addDecayedWeights', () => {
  test.each([-1e-4, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (decay) => {
    expect(() => addDecayedWeights(decay)).toThrow(
      `The weight decay must be a finite number of at least 0, got ${decay}.`,
    );
  });
});

describe('applyUpdates', () => {
  test('adds leaf by leaf and frees nothing', () => {
    const [w, u] = [
      { a: [tf.tensor1d([1, 2])], b: tf.zeros([0]), note: 'kept' },
      { a: [tf.tensor1d([10, 20])], b: tf.zeros([0]), note: 'other' },
    ];
    const moved = applyUpdates(w, u);
    expect(numbers(moved)).toEqual([11, 22]);
    expect(moved.note).toBe('kept');
    expect(numbers([w, u])).toEqual([1, 2, 10, 20]);
    dispose(w, u, moved);
  });

  test('names the leaf that has no update', () => {
    const w = { layers: [{ kernel: tf.scalar(1) }] };
    expect(() => applyUpdates(w, { layers: [{}] })).toThrow(
      'Trees differ: nothing at ".layers[0].kernel" to pair with.',
    );
    dispose(w);
  });
});

describe('an alias is its chain, bit for bit', () => {
  const rate = 0.1;
  const schedule = cosineDecay(0.1, 4);
  const falling = scaleBySchedule((count) => tf.neg(schedule(count)));
  const pairs: readonly (readonly [string, GradientTransformation<Tree>, GradientTransformation<Tree>])[] = [
    ['sgd(η)', sgd(rate), chain(scale(-rate))],
    ['sgd(schedule)', sgd(schedule), chain(falling)],
    ['momentum(η)', momentum(rate), chain(trace(0.9), scale(-rate))],
    [
      'momentum with Nesterov',
      momentum(schedule, 0.5, { nesterov: true }),
      chain(trace(0.5, { nesterov: true }), falling),
    ],
    ['adam(η)', adam(rate, { b1: 0.5 }), chain(scaleByAdam({ b1: 0.5 }), scale(-rate))],
    ['adamw(η, λ)', adamw(schedule, 0.3), chain(scaleByAdam(), addDecayedWeights(0.3), falling)],
    ['sam(optimizer, ρ, p)', sam(adam(rate), 0.2, 3), chain(samTransform(0.2, 3), scaleByAdam(), scale(-rate))],
  ];

  test.each(pairs)('%s', (_, alias, written) => {
    const path = (optimizer: GradientTransformation<Tree>) =>
      descend(optimizer, quadratic([1, 10]), tf.tensor1d([1, -2]), null, 5);
    expect(path(alias)).toEqual(path(written));
    expect(alias.gradientCost).toBe(written.gradientCost);
  });
});
