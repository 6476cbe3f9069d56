import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, samTransform, sgd, vasso } from '../../src/index.ts';
import { ofLength, type Point, plus, times } from '../support/plain.ts';
import { descent, pathOf, slope } from '../support/relatives.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('vasso', () => {
  test('perturbs along the mean of the gradients, which begins with the first', () => {
    const theta = 0.4;
    let mean: Point = [];
    const wanted = descent((w, step) => {
      const g = slope(w);
      mean = step === 0 ? g : plus(times(mean, 1 - theta), g, theta);
      return slope(plus(w, ofLength(mean, 0.2)));
    }, 5);
    expectPath(pathOf(chain(vasso(0.2, theta), sgd(0.1)), 5), wanted);
  });

  test('with θ = 1 is SAM', () => {
    expect(pathOf(chain(vasso(0.1, 1), sgd(0.1)), 4)).toEqual(pathOf(chain(samTransform(0.1), sgd(0.1)), 4));
  });
});
