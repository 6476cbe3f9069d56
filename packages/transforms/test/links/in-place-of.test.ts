import { valueAndGrad } from '@steppe/autograd';
import { minus, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  chain,
  decoupledWsam,
  type GradientTransformation,
  interval,
  lookahead,
  masked,
  partition,
  samTransform,
  scale,
  sgd,
  skipNonFinite,
  withClean,
} from '../../src/index.ts';
import { inPlaceOf, type Known } from '../../src/links/in-place-of.ts';
import { bits, numbers } from '../support/trees.ts';
import { expectNear } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

type Params = { readonly a: tf.Tensor; readonly b: tf.Tensor };

/** Smooth, with a Hessian that joins a and b. */
const loss = ({ a, b }: Params, x: tf.Tensor): tf.Tensor =>
  tf.mean(tf.square(tf.sub(tf.mul(tf.tanh(tf.mul(x, a)), b), 1)));
const gradient = valueAndGrad(loss);
const at = (): Params => ({ a: tf.tensor1d([0.3, -0.8]), b: tf.tensor1d([1.5, -0.2]) });
const examples = (): tf.Tensor => tf.tensor2d([[1], [-0.5], [2]]);
const given = <State extends Tree>(link: GradientTransformation<State>): Params => {
  const w = at();
  return link.update(gradient, link.init(w), w, examples())[0].grads;
};

describe('a gradient function in the place of another', () => {
  test('has every member of it, and changes none of it', () => {
    const whole = (w: tf.Tensor) => w;
    const of = Object.assign((w: tf.Tensor, _: null) => ({ value: tf.scalar(0), grads: w, aux: null }), {
      hvp: (_w: tf.Tensor, _b: null, v: tf.Tensor) => v,
      whole,
      later: 'a member that nobody here knows',
    });
    const other = inPlaceOf<tf.Tensor, null, null>(of, (w) => ({ value: tf.scalar(1), grads: w, aux: null }));
    expect({ ...other }).toEqual({ ...of });
    expect(other(tf.scalar(2), null).value.dataSync()[0]).toBe(1);
  });

  test('of another gradient must say what has become of each member', () => {
    // @ts-expect-error: it says nothing of the others.
    const forgetful: Known<tf.Tensor, null, null> = { hvp: undefined };
    expect(forgetful.hvp).toBeUndefined();
  });
});

describe('a link around SAM of order 2, which needs the derivative of the gradient', () => {
  const second = samTransform(0.5, 2, { order: 2 });
  const all = () => true;
  const wrapped: { readonly [name: string]: GradientTransformation<Tree> } = {
    chain: chain(chain(), chain(second)),
    'interval(1)': interval(1, second),
    lookahead: chain(lookahead(chain(second, scale(-1))), scale(-1)),
    masked: masked(second, all),
    partition: partition({ all: { select: all, link: second } }),
    skipNonFinite: skipNonFinite(second, { limit: 3 }),
    withClean: withClean(second, (_, transformed) => transformed),
  };
  test.each(Object.entries(wrapped))('hands it on: %s', (_, link) => {
    tf.tidy(() => {
      expect(bits(given(link))).toEqual(bits(given(second)));
      expect(bits(given(second))).not.toEqual(bits(given(samTransform(0.5))));
    });
  });

  test('hands it on: decoupledWsam, whose optimizer sees the plain gradient', () => {
    tf.tidy(() => {
      const optimizer = chain(second, sgd(0.1));
      const [clean, sharp] = [gradient(at(), examples()).grads, given(samTransform(0.2))];
      const expected = minus(given(optimizer), scaled(minus(sharp, clean), (0.3 * 0.8) / 0.2));
      expectNear(numbers(given(decoupledWsam(optimizer, 0.2, 0.8, 0.3))), numbers(expected));
    });
  });
});
