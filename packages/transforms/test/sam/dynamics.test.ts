import { fc, test as property } from '@fast-check/vitest';
import { pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  chain,
  type Evaluation,
  type GradientTransformation,
  linear,
  lossBudgetSam,
  sam,
  samTransform,
  sgd,
  usam,
} from '../../src/index.ts';
import { quadratic } from '../support/gradients.ts';
import { descend, gradientOf } from '../support/step.ts';

beforeAll(() => tf.setBackend('cpu'));

const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const near = (found: number, wanted: number, share: number) =>
  expect(Math.abs(found / wanted - 1), `${found} for ${wanted}`).toBeLessThan(share);

type Slope = (w: tf.Tensor) => Evaluation<tf.Tensor, null>;

/** The weights after each of some steps. */
const run = <State extends Tree>(
  optimizer: GradientTransformation<State>,
  gradient: Slope,
  w0: readonly number[],
  steps: number,
): number[][] => descend(optimizer, gradient, tf.tensor1d([...w0]), null, steps);
const endOf = <State extends Tree>(
  optimizer: GradientTransformation<State>,
  gradient: Slope,
  w0: readonly number[],
  steps: number,
): number[] => run(optimizer, gradient, w0, steps).at(-1) ?? [];

describe('on a quadratic', () => {
  test('SAM ends in a cycle of period 2 on the eigenvector of the largest eigenvalue, |x| = ηρλ/(2 - ηλ)', () => {
    const [eta, rho, lambda] = [0.5, 0.1, 1.8];
    const path = run(sam(sgd(eta), rho), quadratic([0.6, lambda, 1.1]), [0.3, 0.2, -0.4], 300);
    const [before, after] = path.slice(-2) as [number[], number[]];
    near(Math.abs(after[1] as number), (eta * rho * lambda) / (2 - eta * lambda), 1e-4);
    expect(Math.sign(before[1] as number)).toBe(-Math.sign(after[1] as number));
    expect(Math.abs(after[0] as number) + Math.abs(after[2] as number)).toBeLessThan(1e-5);
  });

  test('USAM, SAM whose radius falls to 0 and a budget of the loss that does end at the minimum instead', () => {
    const [eta, rho, steps] = [0.5, 0.1, 300];
    const falling = linear(rho, 0, steps - 60);
    const [slope, start] = [quadratic([0.6, 1.8]), [0.3, 0.2]];
    const ends = [
      endOf(chain(usam(rho), sgd(eta)), slope, start, steps),
      endOf(chain(samTransform(falling), sgd(eta)), slope, start, steps),
      endOf(chain(lossBudgetSam(falling, rho), sgd(eta)), slope, start, steps),
    ];
    for (const end of ends) expect(Math.hypot(...end)).toBeLessThan(2e-3);
  });

  property.prop([within(0.05, 0.5), within(0.05, 1)], { seed: 31, numRuns: 10 })(
    'USAM is stable up to the curvature λ* = (√(1 + 8ρ/η) - 1)/(2ρ), and no further',
    (eta, rho) => {
      const edge = (Math.sqrt(1 + (8 * rho) / eta) - 1) / (2 * rho);
      const last = (lambda: number) =>
        Math.abs(endOf(chain(usam(rho), sgd(eta)), quadratic([lambda]), [1], 60)[0] ?? 0);
      expect(last(0.98 * edge)).toBeLessThan(0.5);
      expect(last(1.02 * edge)).toBeGreaterThan(2);
    },
  );

  property.prop([within(0.05, 0.5), within(0.01, 0.5), within(0.1, 3)], { seed: 32, numRuns: 10 })(
    'at SAM’s edge, λ = (‖g‖/2ρ)(√(1 + 8ρ/(η‖g‖)) - 1), a step ends as far beyond the minimum as it began before it',
    (eta, rho, slope) => {
      const lambda = (slope / (2 * rho)) * (Math.sqrt(1 + (8 * rho) / (eta * slope)) - 1);
      const x = slope / lambda;
      near(endOf(sam(sgd(eta), rho), quadratic([lambda]), [x], 1)[0] ?? 0, -x, 1e-4);
    },
  );
});

/** The gradient of ½(uv - c)². */
const product =
  (c: number): Slope =>
  (w) =>
    pure(() => {
      const [u, v] = tf.unstack(w) as [tf.Scalar, tf.Scalar];
      const rest = tf.sub<tf.Scalar>(tf.mul(u, v), c);
      return { value: tf.mul<tf.Scalar>(0.5, tf.square(rest)), grads: tf.mul(rest, tf.stack([v, u])), aux: null };
    });

describe('on ½(uv - c)² the balance ½(u² - v²)', () => {
  const weight = within(0.5, 2);

  property.prop([weight, weight, fc.boolean()], { seed: 33, numRuns: 20 })(
    'moves along the flow of SAM by -2ρ|uv - c|/√(u² + v²) times itself, and along that of the gradient not at all',
    (u, v, above) => {
      fc.pre(Math.abs(u - v) > 0.1);
      const c = u * v + (above ? 0.7 : -0.7);
      const rho = 1e-3;
      const flowOf = <State extends Tree>(link: GradientTransformation<State>) => {
        const w = tf.tensor1d([u, v]);
        const [gu, gv] = gradientOf(link, product(c), w, null) as [number, number];
        w.dispose();
        return -(u * gu - v * gv);
      };
      near(flowOf(samTransform(rho)), (-2 * rho * 0.7 * 0.5 * (u ** 2 - v ** 2)) / Math.hypot(u, v), 0.01);
      expect(Math.abs(flowOf(chain()))).toBeLessThan(1e-6);
    },
  );

  test('so SAM goes to a minimum that is more balanced, and flatter, than that of gradient descent', () => {
    const [start, steps] = [[2, 0.2] as const, 400];
    const balance = ([u, v]: readonly number[]) => 0.5 * ((u as number) ** 2 - (v as number) ** 2);
    near(balance(endOf(sgd(0.02), product(1), start, steps)), balance(start), 0.05);
    expect(balance(endOf(sam(sgd(0.02), 0.3), product(1), start, steps))).toBeLessThan(0.8 * balance(start));
  });
});
