import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  eigenCorrectedSam,
  eigenSam,
  freeze,
  type GradientFn,
  type GradientTransformation,
  gam,
  masked,
  microBatch,
  samTransform,
  sassha,
  scaleByAdam,
} from '../../src/index.ts';
import { type Aux, type Batch, batchOf, gradient } from '../support/gradients.ts';
import { numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const LINKS: { readonly [name: string]: GradientTransformation<Tree> } = {
  eigenSam: eigenSam(0.3, { every: 2 }),
  eigenCorrectedSam: eigenCorrectedSam(0.3, { every: 2 }),
  gam: gam(0.3, 0.7),
  sassha: sassha(0.3, { every: 2 }),
};

const weights = () => ({ a: tf.tensor1d([0.7, -0.4, 1.1]), b: tf.tensor2d([[1.3], [-0.9]]) });
const XS = [0.5, -1, 2, 0.25, 1.25];
const isA = (path: string) => path === '.a';

/** The gradients of two updates of a link. */
function twice<P extends Tree>(link: GradientTransformation<Tree>, w: P, xs: readonly number[] = XS): readonly P[] {
  const [batch, of]: [Batch, GradientFn<P, Batch, Aux>] = [batchOf(xs), gradient];
  const [first, state] = link.update(of, link.init(w), w, batch);
  return [first.grads, link.update(of, state, w, batch)[0].grads];
}

describe.each(Object.entries(LINKS))('%s', (name, link) => {
  test('behind decay is it of the loss with the penalty inside', () => {
    tf.tidy(() => {
      // The loss is mean(x)·½‖w‖² and more, so that a penalty of ½λ‖w‖² is λ more in each x.
      const decayed = twice(chain(addDecayedWeights(0.3), link), weights());
      expectNear(
        numbers(decayed),
        numbers(
          twice(
            link,
            weights(),
            XS.map((x) => x + 0.3),
          ),
        ),
        1e-5,
      );
    });
  });

  test('behind slices is it of the whole batch', () => {
    tf.tidy(() => {
      expectNear(numbers(twice(chain(microBatch(2), link), weights())), numbers(twice(link, weights())), 1e-5);
    });
  });

  test('inside of freeze and of masked is it of the leaves that are left, with its block of the Hessian', () => {
    tf.tidy(() => {
      const part = { a: weights().a, b: null };
      const alone = numbers(twice(link, part));
      const frozen = twice(
        freeze((path) => !isA(path), link),
        weights(),
      );
      expect(numbers(frozen.map(({ a }) => a))).toEqual(alone);
      expect(numbers(frozen.map(({ b }) => b))).toEqual([0, 0, 0, 0]);
      const chosen = twice(masked(link, isA), weights());
      expect(numbers(chosen.map(({ a }) => a))).toEqual(alone);
    });
  });

  test('says who lost the derivative that it needs, and where to take it from', () => {
    tf.tidy(() => {
      const w = weights();
      for (const before of [scaleByAdam(), samTransform(0.1), chain(microBatch(2), scaleByAdam())]) {
        const behind = chain(addDecayedWeights(0.1), before, link);
        const lost = before.name === 'samTransform' ? 'samTransform' : 'scaleByAdam';
        expect(() => behind.update(gradient, behind.init(w), w, batchOf(XS))).toThrow(
          `${name} needs the derivative of what comes before it in the chain, and ${lost} has none: move it behind ${name}.`,
        );
      }
      const bare = (...at: [Tree, Batch]) => gradient(...at);
      expect(() => link.update(bare, link.init(w), w, batchOf(XS))).toThrow(
        `${name} needs a gradient function with an hvp: take valueAndGrad of @steppe/autograd.`,
      );
    });
  });
});
