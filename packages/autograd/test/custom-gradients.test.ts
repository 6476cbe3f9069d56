import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { trustSecondDerivative, valueAndGrad } from '../src/index.ts';
import { expectNumbers, type Loss, type Op, product, total } from './support/products.ts';

beforeAll(() => tf.setBackend('cpu'));
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const slope = (loss: Loss): number[] =>
  tf.tidy(() => [...valueAndGrad(loss)(tf.tensor1d([0.5, -1]), null).grads.dataSync()]);

/** An operation of one input by its value and its derivative, which gets (dy, x, value) and saves nothing. */
const closing = (value: Op, derivative: (dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Op =>
  tf.customGrad((...args) => {
    const x = args[0] as tf.Tensor;
    const y = value(x);
    return { value: y, gradFunc: (dy: tf.Tensor) => derivative(dy, x, y) };
  });

const named = (name: string, op: Op): Op => {
  trustSecondDerivative(name);
  return (x) => tf.tidy(name, () => op(x));
};

const at = [0.5, -1];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('a customGrad that saves nothing is right', () => {
  test('closing over its input, as tf.logSigmoid does, of a parameter and of what is made of it', () => {
    expectNumbers(
      slope(total(tf.logSigmoid)),
      at.map((x) => sigmoid(-x)),
    );
    expectNumbers(
      slope(total((x) => tf.logSigmoid(tf.mul(tf.exp(x), 2)))),
      at.map((x) => 2 * Math.exp(x) * sigmoid(-2 * Math.exp(x))),
    );
    expectNumbers(
      product(total((x) => tf.logSigmoid(tf.mul(x, 2)))),
      at.map((x, i) => -4 * sigmoid(2 * x) * sigmoid(-2 * x) * (i + 1)),
    );
  });

  test('closing over its value, inside of tidies, once and twice', () => {
    const exponential = named(
      'closesOverValue',
      closing(tf.exp, (dy, _, y) => tf.mul(dy, y)),
    );
    const loss = total((x) => tf.tidy(() => exponential(tf.tidy(() => tf.square(x)))));
    expectNumbers(
      slope(loss),
      at.map((x) => 2 * x * Math.exp(x * x)),
    );
    expectNumbers(
      product(loss),
      at.map((x, i) => (2 + 4 * x * x) * Math.exp(x * x) * (i + 1)),
    );
  });

  test('in gradients inside of a loss, by us and by tfjs, and around which tfjs takes one', () => {
    const cube = named(
      'closesOverInput',
      closing(
        (x) => tf.pow(x, 3),
        (dy, x) => tf.mul(dy, tf.mul(tf.square(x), 3)),
      ),
    );
    const inner = total((x) => cube(tf.mul(x, 2))); // (2x)³ has 24x², 48x, 48
    const second = at.map((x) => 48 * x);
    const bySteppe: Loss = (w) => tf.sum(valueAndGrad(inner)(w, null).grads);
    expectNumbers(slope(bySteppe), second);
    expectNumbers(
      slope((w) => tf.sum(tf.grad((x: tf.Tensor) => tf.sum(cube(tf.mul(x, 2))))(w))),
      second,
    );
    expectNumbers(product(bySteppe), [48, 96]);
    const outer = (w: tf.Tensor): tf.Tensor => tf.sum(valueAndGrad(inner)(tf.mul(w, 1) as tf.Tensor1D, null).grads);
    expectNumbers(
      tf.tidy(() => [...tf.grad(outer)(tf.tensor1d(at)).dataSync()]),
      second,
    );
    expectNumbers(
      tf.tidy(() => [
        ...tf
          .grad((w) => tf.add(outer(w), outer(tf.neg(w))))(tf.tensor1d(at))
          .dataSync(),
      ]),
      at.map((x) => 96 * x),
    );
  });

  test('but one that uses what it made inside is told what to do', () => {
    const op = tf.customGrad((x) => {
      const inside = tf.exp(x as tf.Tensor);
      return { value: tf.square(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.mul(dy, inside) };
    });
    expect(() => slope(total((x) => op(x)))).toThrow(
      'The gradient of a tf.customGrad uses a tensor that is disposed of by then, as are all that it makes inside: pass it to save(...), or compute it again.',
    );
  });

  test('and frees what it holds when the sweep has passed it', () => {
    const live: number[] = [];
    const step = closing(tf.sin, (dy, x) => {
      live.push(tf.memory().numTensors);
      return tf.mul(dy, tf.cos(x));
    });
    slope((w) => tf.sum(Array.from({ length: 20 }).reduce<tf.Tensor>((x) => step(x), w)));
    expect((live[0] ?? 0) - (live.at(-1) ?? 0)).toBeGreaterThan(15);
  });
});

describe('a customGrad whose value is a tensor that was there before has a gradient of its own', () => {
  const scaled = (by: number): Op =>
    closing(
      (x) => x,
      (dy) => tf.mul(dy, by),
    );

  test('its input, a parameter: 0.1 and not 1.1', () => {
    expectNumbers(slope(total(scaled(0.1))), [0.1, 0.1]);
    expectNumbers(slope(total((x) => tf.exp(scaled(-1)(x)))), [-Math.exp(0.5), -Math.exp(-1)]);
  });

  test('its input, beside other uses of the same tensor, before and after', () => {
    const both = (x: tf.Tensor): tf.Tensor => tf.add(tf.mul(x, 3), tf.add(scaled(-1)(x), tf.square(x)));
    expectNumbers(slope(total(both)), [3 - 1 + 1, 3 - 1 - 2]);
    expectNumbers(slope(total((x) => both(tf.mul(x, 2)))), [2 * (3 - 1 + 2), 2 * (3 - 1 - 4)]);
    expectNumbers(slope(total((x) => scaled(2)(scaled(3)(x)))), [6, 6]);
  });

  test('one that it closes over, as straight-through estimators do, used again', () => {
    const loss = total((x) => {
      const soft = tf.sigmoid(x);
      const hard = tf.mul(soft, soft);
      const through = closing(
        () => hard,
        (dy) => dy,
      );
      return tf.add(through(soft), tf.mul(hard, 10));
    });
    const slopes = at.map((x) => sigmoid(x) * sigmoid(-x) * (1 + 20 * sigmoid(x)));
    expectNumbers(slope(loss), slopes);
  });

  test('twice: the scale of a gradient is linear in it', () => {
    const op = named('scalesItsGradient', scaled(0.1));
    const loss = total((x) => tf.exp(op(x)));
    expectNumbers(
      product(loss),
      at.map((x, i) => 0.01 * Math.exp(x) * (i + 1)),
    );
    const twice: Loss = (w) => tf.sum(tf.mul(valueAndGrad(loss)(w, null).grads, w));
    expectNumbers(
      slope(twice),
      at.map((x) => 0.01 * x * Math.exp(x) + 0.1 * Math.exp(x)),
    );
  });

  test('and the loss may return it', () => {
    const w = tf.scalar(3);
    const { value, grads } = valueAndGrad((x: tf.Scalar, _: null) => scaled(0.5)(x) as tf.Scalar)(w, null);
    expect([value.arraySync(), grads.arraySync(), w.arraySync()]).toEqual([3, 0.5, 3]);
    dispose(w, value, grads);
  });
});

test('a customGrad in a scope with the name of an operation is refused, for tfjs would take its gradient', () => {
  const op = closing(tf.square, (dy, x) => tf.mul(dy, tf.mul(x, 2)));
  expect(() => slope(total((x) => tf.tidy('Exp', () => op(x))))).toThrow(
    'A tf.customGrad runs in a scope "Exp", and TensorFlow.js would take the gradient of the operation of that name: rename the scope.',
  );
});

test('tf.divNoNan has the derivative 0 where it divides by zero, and is exact elsewhere', () => {
  const ratio = (b: number[]) => total((a) => tf.divNoNan(a, tf.tensor1d(b)));
  expectNumbers(slope(ratio([0, 4])), [0, 0.25]);
  expectNumbers(
    slope((w) => tf.sum(tf.divNoNan(w, 0))),
    [0, 0],
  );
  const inverse = total((b) => tf.divNoNan(tf.tensor2d([[3], [1]]), tf.mul(b, tf.tensor1d([0, 1]))));
  expectNumbers(slope(inverse), [0, -4]);
  expectNumbers(product(inverse), [0, 8 * -1 * 2]);
  const tiny = tf.scalar(1e-25);
  const small = valueAndGrad((b: tf.Tensor, _: null) => tf.sum(tf.divNoNan(1e-25, b)))(tiny, null);
  expect((small.grads.dataSync()[0] ?? 0) / -1e25).toBeCloseTo(1, 5);
  dispose(small, tiny);
});
