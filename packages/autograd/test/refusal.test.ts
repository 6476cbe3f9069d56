import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jvp, secondDerivatives, trustSecondDerivative, valueAndGrad } from '../src/index.ts';
import { captures } from './support/captures.ts';
import { expectNumbers, expectWorking, exponential, type Loss, type Op, product, total } from './support/products.ts';

beforeAll(() => tf.setBackend('cpu'));
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const as4d = (x: tf.Tensor): tf.Tensor4D => tf.reshape(x, [1, 1, 1, 2]);

const cropped: Op = (x) =>
  tf.image.cropAndResize(as4d(x), tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], 'int32'), [1, 2]);

/** Saves what it makes inside, which is on no tape: exp(x) for the derivative of exp(x) + 1. */
const savesInside = tf.customGrad((x, save) => {
  const y = tf.exp(x as tf.Tensor);
  (save as tf.GradSaveFunc)([y]);
  return { value: tf.add(y, 1), gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, saved as tf.Tensor) };
});

/** Right: x³, by its input alone. */
const cube = (name: string): Op => {
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.mul(tf.square(saved as tf.Tensor), 3));
    return { value: tf.pow(x as tf.Tensor, 3), gradFunc };
  });
  return (x) => tf.tidy(name, () => op(x));
};

describe('no wrong number comes out, but the name of the operation, of', () => {
  const unverified = 'has no verified second derivative';
  test.each<[string, Loss, string]>([
    [
      'tf.losses.softmaxCrossEntropy',
      (w) => tf.losses.softmaxCrossEntropy(tf.tensor1d([1, 0]), w),
      `softmaxCrossEntropy__op ${unverified}`,
    ],
    ['LRN', total((x) => tf.localResponseNormalization(as4d(x))), `LRN ${unverified}`],
    ['Unique', total((x) => tf.unique(x).values), 'Unique has no gradient'],
    ['CropAndResize', total(cropped), 'CropAndResize has no gradient'],
    ['complex numbers', total((x) => tf.abs(tf.complex(x, x))), 'Complex has no gradient'],
    [
      'a customGrad without a name',
      total((x) => captures(x)),
      "A tf.customGrad has no verified second derivative: run it inside tf.tidy('itsName', ...)",
    ],
    [
      'a customGrad with a name',
      total((x) => tf.tidy('captures', () => captures(x))),
      `captures ${unverified}: use operations of secondDerivatives(), or trustSecondDerivative('captures')`,
    ],
  ])('%s', (_, loss, message) => {
    expect(() => product(loss)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    expectWorking();
  });

  test('a trusted customGrad that saves what it makes inside', () => {
    trustSecondDerivative('savesInside');
    expect(() => product(total((x) => tf.tidy('savesInside', () => savesInside(x))))).toThrow(
      'savesInside saves a tensor that it makes inside, so its second derivative would be wrong',
    );
    expectWorking();
  });

  test('the same behind jvp', () => {
    const [w, v] = [tf.tensor1d([0.5, -1]), tf.tensor1d([1, 2])];
    expect(() => jvp((x: tf.Tensor1D, _: null) => captures(x))(w, null, v)).toThrow('A tf.customGrad has no verified');
    dispose(w, v);
  });
});

describe('a customGrad of one’s own', () => {
  test('is refused, then trusted, then right', () => {
    const loss = total(cube('cubeOfMine'));
    expect(() => product(loss)).toThrow('cubeOfMine has no verified second derivative');
    trustSecondDerivative('cubeOfMine');
    expect(secondDerivatives()).toContain('cubeOfMine');
    expectNumbers(product(loss), [6 * 0.5, 6 * -1 * 2]);
  });

  test('that has no name cannot be trusted, for no other could be told from it', () => {
    expect(() => trustSecondDerivative('unnamed scope')).toThrow(
      '"unnamed scope" is what every tf.customGrad without a scope is called',
    );
  });

  test('may take gradients itself, to spare memory, under either sweep', () => {
    const recomputes = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      const inner = (y: tf.Tensor): tf.Tensor => tf.exp(tf.square(y));
      const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.grad(inner)(saved as tf.Tensor, dy);
      return { value: inner(x as tf.Tensor), gradFunc };
    });
    const loss = total((x) => tf.tidy('recomputes', () => recomputes(tf.add(x, 0))));
    const w = tf.tensor1d([0.5, -1]);
    const first = valueAndGrad(loss)(w, null);
    expectNumbers([...first.grads.dataSync()], [Math.exp(0.25), -2 * Math.exp(1)]);
    dispose(w, first);
    trustSecondDerivative('recomputes');
    expectNumbers(product(loss), exponential);
  });
});

describe('only what matters is refused:', () => {
  const gradientOf = (op: Op, x: tf.Tensor): tf.Tensor =>
    valueAndGrad((y: tf.Tensor, _: null) => tf.sum<tf.Scalar>(op(y)))(x, null).grads;
  const derivative = (loss: Loss): number[] =>
    tf.tidy(() => [...valueAndGrad(loss)(tf.tensor1d([0.5, -1]), null).grads.dataSync()]);
  const slope = [0.5, -1].map((w) => 2 * w * Math.exp(w * w));

  test('an operation beside the inner gradient is differentiated once', () => {
    const found = derivative((w) => {
      const inner = tf.sum(gradientOf((y) => tf.exp(tf.square(y)), w));
      return tf.add(inner, tf.sum(captures(w)));
    });
    expectNumbers(found, [(exponential[0] ?? 0) + 1, (exponential[1] ?? 0) / 2 - 2]);
  });

  test('so is one in an inner gradient that leads nowhere, or does not depend on the parameters', () => {
    const loss: Loss = (w) => {
      gradientOf(captures, w);
      const constant = gradientOf(captures, tf.tensor1d([2, 3]));
      return tf.add(tf.sum(tf.exp(tf.square(w))), tf.sum(constant)) as tf.Scalar;
    };
    expectNumbers(derivative(loss), slope);
  });
});
