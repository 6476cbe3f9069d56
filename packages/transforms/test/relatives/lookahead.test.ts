import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { lookahead, sgd } from '../../src/index.ts';
import { type Point, plus } from '../support/plain.ts';
import { pathOf, slope, W } from '../support/relatives.ts';
import { expectPath } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('lookahead', () => {
  test('goes a part of the way of k fast steps', () => {
    const wanted: number[][] = [];
    let [w, slow]: [Point, Point] = [W, W];
    for (let step = 1; step <= 6; step++) {
      w = plus(w, slope(w), -0.1);
      if (step % 3 === 0) {
        slow = plus(slow, plus(w, slow, -1), 0.25);
        w = slow;
      }
      wanted.push([...w]);
    }
    expectPath(pathOf(lookahead(sgd(0.1), 3, 0.25), 6), wanted);
  });

  test('of one step all the way is the optimizer', () => {
    expectPath(pathOf(lookahead(sgd(0.1), 1, 1), 4), pathOf(sgd(0.1), 4));
  });
});
