import { readFileSync } from 'node:fs';
import { valueAndGrad } from '@steppe/autograd';
import { softmaxCrossEntropy } from '@steppe/models';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  constant,
  functionalSam,
  type GradientTransformation,
  linear,
  masked,
  microBatch,
  samTransform,
  scale,
} from '../../src/index.ts';
import { bits, numbers } from '../support/trees.ts';
import { expectNear, number } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Case = { readonly rho: number; readonly p: number | string } & {
  readonly [Of in 'plain' | 'sam' | 'functional' | 'decayed' | 'slicesBehind']: readonly number[];
};
type Vectors = Readonly<Record<'x' | 'first' | 'second', number[][]>> & {
  readonly labels: number[];
  readonly cases: readonly Case[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL('../fixtures/functional-sam.json', import.meta.url), 'utf8'));

type Params = { readonly first: tf.Tensor2D; readonly second: tf.Tensor2D };
type Images = { readonly x: tf.Tensor2D; readonly labels: tf.Tensor1D };
const params = (): Params => ({ first: tf.tensor2d(vectors.first), second: tf.tensor2d(vectors.second) });
const images = (): Images => ({ x: tf.tensor2d(vectors.x), labels: tf.tensor1d(vectors.labels, 'int32') });

const outputs = ({ first, second }: Params, { x }: Images): tf.Tensor2D =>
  tf.matMul(tf.tanh(tf.matMul(x, first)), second);
const network = valueAndGrad({ outputs, loss: (logits, { labels }) => softmaxCrossEntropy(logits, labels) });

const given = <State extends Tree>(link: GradientTransformation<State>, of = network): number[] =>
  numbers(link.update(of, link.init(params()), params(), images())[0].grads);

describe('functionalSam on a network with a softmax loss, against float64', () => {
  const cases = vectors.cases.map((one) => ({ ...one, p: number(one.p) }));

  test.each(cases)('moves the Jacobian alone, ρ = $rho and p = $p', ({ rho, p, plain, sam, functional }) => {
    tf.tidy(() => {
      expectNear(given(functionalSam(rho, p)), functional, 1e-5);
      expectNear(given(functionalSam(linear(rho, rho / 2, 2), p)), functional, 1e-5);
      expectNear(given(samTransform(rho, p)), sam, 1e-5);
      expectNear(given(functionalSam(0, p)), plain, 1e-5);
    });
  });

  test.each(cases)('behind weight decay, and on either side of slices, ρ = $rho and p = $p', (one) => {
    const { rho, p, functional, decayed, slicesBehind } = one;
    tf.tidy(() => {
      const decay = addDecayedWeights(0.3);
      for (const before of [decay, masked(decay, () => true), chain(scale(0.5), addDecayedWeights(0.15), scale(2))])
        expectNear(given(chain(before, functionalSam(rho, p))), decayed, 1e-5);
      for (const accumulation of [microBatch(2), chain(microBatch(4), microBatch(1)), microBatch(9)])
        expectNear(given(chain(accumulation, functionalSam(rho, p))), functional, 1e-5);
      expectNear(given(chain(functionalSam(rho, p), microBatch(2))), slicesBehind, 1e-5);
      expectNear(given(chain(microBatch(2), decay, functionalSam(rho, p))), decayed, 1e-5);
      expectNear(given(chain(decay, microBatch(2), functionalSam(rho, p))), decayed, 1e-5);
    });
  });
});

const radius = fc.double({ min: 0, max: 3, noNaN: true });
const exponent = fc.constantFrom(1, 1.5, 2, 3, Number.POSITIVE_INFINITY);

describe('functionalSam', () => {
  test('is the gradient itself for ρ = 0, bit for bit', () => {
    tf.tidy(() => {
      const plain = bits(network(params(), images()).grads);
      for (const link of [functionalSam(0), functionalSam(constant(0), 3), chain(functionalSam(0))])
        expect(bits(link.update(network, link.init(params()) as never, params(), images())[0].grads)).toEqual(plain);
    });
  });

  test('of outputs linear in w is the gradient itself for every ρ', () => {
    const straight = valueAndGrad({
      outputs: ({ first, second }: Params, { x }: Images) => tf.sub(tf.matMul(x, first), tf.sum(second)),
      loss: (made) => tf.mean(tf.exp(made)),
    });
    fc.assert(
      fc.property(radius, exponent, (rho, p) =>
        tf.tidy(() => {
          const plain = numbers(straight(params(), images()).grads);
          expectNear(given(functionalSam(rho, p), straight), plain, 1e-6);
        }),
      ),
      { seed: 12, numRuns: 12 },
    );
  });

  test('of a loss linear in the outputs is SAM', () => {
    const direct = valueAndGrad({
      outputs,
      loss: (logits, { labels }) => tf.sum(tf.gather(tf.transpose(logits), labels)),
    });
    fc.assert(
      fc.property(radius, exponent, (rho, p) =>
        tf.tidy(() => expectNear(given(functionalSam(rho, p), direct), given(samTransform(rho, p), direct), 1e-6)),
      ),
      { seed: 12, numRuns: 12 },
    );
  });

  test('says in the report how far it went, and keeps the evaluation at w', () => {
    tf.tidy(() => {
      const link = functionalSam(linear(0.2, 0.4, 2));
      const sam = samTransform(0.2);
      const state = link.init(params());
      const [{ value, report = {} }, next] = link.update(network, state, params(), images());
      const [of] = sam.update(network, sam.init(params()), params(), images());
      expect(bits(value)).toEqual(bits(of.value));
      const { perturbedLoss: _, tangentLoss: __, ...expected } = of.report ?? {};
      expect(bits(report)).toEqual(bits(expected));
      expect(link.update(network, next, params(), images())[0].report?.rho?.dataSync()[0]).toBeCloseTo(0.3, 6);
    });
  });

  test('says what it needs, and which link lost it', () => {
    tf.tidy(() => {
      const plain = valueAndGrad((w: Params, batch: Images) => softmaxCrossEntropy(outputs(w, batch), batch.labels));
      expect(() => given(functionalSam(0.1), plain as never)).toThrow(
        'functionalSam needs a loss of outputs: give valueAndGrad of @steppe/autograd, or trainStep, { outputs, loss }.',
      );
      expect(() => given(chain(addDecayedWeights(0.1), clipByGlobalNorm(1), functionalSam(0.1)))).toThrow(
        'functionalSam needs the derivative of what comes before it in the chain, and clipByGlobalNorm has none: move it behind functionalSam.',
      );
    });
  });
});
