import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, constant, sgd, slerp, xsam } from '../../src/index.ts';
import { inner, length, ofLength, type Point, plus, times } from '../support/plain.ts';
import { descent, given, pathOf, slope } from '../support/relatives.ts';
import { numbers } from '../support/trees.ts';
import { expectEach, expectNear, expectPath, vectors } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('xsam', () => {
  type Directions = { readonly theta: number; readonly directions: number[][] };
  type Inputs = { readonly v0_from: number[]; readonly g1: number[]; readonly alphas: number[] };
  test.each(vectors<Inputs, Directions>('variant/xsam-direction'))('$id', ({ inputs, expected }) => {
    const directions = inputs.alphas.map((alpha) =>
      given(xsam(0.1, { alphas: [alpha], probeEvery: 1 }), inputs.v0_from, inputs.g1),
    );
    for (const [i, direction] of directions.entries()) expectEach(direction, expected.directions[i] ?? []);
  });

  test('keeps the α whose loss is the largest at ρ_max, until the next probe', () => {
    const alphas = Array.from({ length: 33 }, (_, i) => i / 4);
    const loss = (w: Point) => inner(w, slope(w)) / 2;
    const unit = (v: Point) => ofLength(v, 1);
    const turned = (from: Point, to: Point, alpha: number) => {
      const theta = Math.acos(inner(from, to));
      return plus(times(from, Math.sin((1 - alpha) * theta)), to, Math.sin(alpha * theta)).map(
        (x) => x / Math.sin(theta),
      );
    };
    let alpha = Number.NaN;
    const chosen: (readonly [best: number, kept: number])[] = [];
    const wanted = descent((w, step) => {
      const [g, sharp] = [slope(w), slope(plus(w, ofLength(slope(w), 0.1)))];
      const heights = alphas.map((each) => loss(plus(w, turned(unit(g), unit(sharp), each), 0.4)));
      const best = alphas[heights.indexOf(Math.max(...heights))] ?? Number.NaN;
      alpha = step % 2 === 0 ? best : alpha;
      chosen.push([best, alpha]);
      return times(turned(unit(g), unit(sharp), alpha), length(sharp));
    }, 4);
    expectPath(pathOf(chain(xsam(0.1, { rhoMax: 0.4, alphas, probeEvery: 2 }), sgd(0.1)), 4), wanted);
    // The best α moves at every step, so that a probe too many or too few shows.
    expect(new Set(chosen.map(([best]) => best)).size).toBe(4);
    expect(new Set(chosen.map(([, kept]) => kept)).size).toBe(2);
  });

  test('slerp of parallel directions is the direction, without a NaN', () => {
    tf.tidy(() => {
      const v = tf.tensor1d([0.6, 0.8]);
      expectEach(numbers(slerp(v, tf.clone(v), 1.5)), [0.6, 0.8], 1e-6);
      const up = tf.tensor1d([0, 1]);
      const right = tf.tensor1d([1, 0]);
      expectNear(numbers(slerp(up, right, 0.5)), [Math.SQRT1_2, Math.SQRT1_2], 1e-6);
      expect(numbers(slerp(tf.zeros([2]), tf.zeros([2]), 0.5))).toEqual([0, 0]);
    });
  });

  test('says what a schedule of rho needs', () => {
    expect(() => xsam(constant(0.1))).toThrow(
      'rhoMax must be a number of at least 0 when rho is a schedule, got nothing.',
    );
    expect(() => xsam(0.1, { alphas: [] })).toThrow('xsam needs at least one alpha to probe, got none.');
  });
});
