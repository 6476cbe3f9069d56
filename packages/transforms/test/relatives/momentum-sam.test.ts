import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { chain, momentumSam, scale } from '../../src/index.ts';
import { ofLength, type Point, plus } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('momentumSam', () => {
  test('evaluates against the momentum and gives the momentum', () => {
    let v: Point = [0, 0, 0];
    const wanted = descent((w, step) => {
      v = plus(slope(step === 0 ? w : plus(w, ofLength(v, -0.2))), v, 0.9);
      return v;
    }, 6);
    expectPath(pathOf(chain(momentumSam(0.2, 0.9), scale(-0.1)), 6), wanted);
  });
});
