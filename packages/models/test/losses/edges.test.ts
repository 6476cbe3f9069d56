import { fc, test as property } from '@fast-check/vitest';
import { hvp, valueAndGrad } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import {
  accuracy,
  errorRate,
  labelWeight,
  meanSquaredError,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from '../../src/index.ts';

const ints = (values: readonly number[]) => tf.tensor1d([...values], 'int32');

describe('spread: others', () => {
  /** KL(t‖softmax(z)) in float64, t as the docs define it. */
  const kl = (z: readonly number[], q: readonly number[], s: number): number => {
    const logSum = Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0));
    return q.reduce((sum, share, c) => {
      const t = (1 - s) * share + (s * (1 - share)) / (q.length - 1);
      return t === 0 ? sum : sum + t * (Math.log(t) - z[c]! + logSum);
    }, 0);
  };
  const row = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: 4, maxLength: 4 });
  const shares = row(fc.integer({ min: 0, max: 8 }))
    .filter((x) => x.some((v) => v > 0))
    .map((x) => x.map((v) => v / x.reduce((a, b) => a + b, 0)));

  property.prop(
    { z: row(fc.integer({ min: -40, max: 40 }).map((v) => v / 8)), q: shares, s: fc.constantFrom(0, 1e-6, 0.1, 1) },
    { seed: 11 },
  )('is KL(t‖softmax) for soft labels at every smoothing, 0 included', ({ z, q, s }) => {
    const loss = softmaxCrossEntropy(tf.tensor2d([z]), tf.tensor2d([q]), { smoothing: s, spread: 'others' });
    const expected = kl(z, q, s);
    expect(Math.abs(loss.arraySync() - expected)).toBeLessThan(1e-5 * (1 + expected));
  });

  test('does not jump at smoothing 0, and is what it was for class numbers there: the cross entropy', () => {
    const logits = tf.tensor2d([[Math.log(0.9), Math.log(0.05), Math.log(0.05)]]);
    const soft = tf.tensor2d([[0.5, 0.5, 0]]);
    const at = (smoothing: number) => softmaxCrossEntropy(logits, soft, { smoothing, spread: 'others' }).arraySync();
    expect(at(0)).toBeCloseTo(0.857402, 5);
    expect(at(1e-7)).toBeCloseTo(at(0), 4);
    const z = tf.randomNormal([50, 7], 0, 5, 'float32', 3);
    const labels = ints(Array.from({ length: 50 }, (_, i) => i % 7));
    expect(softmaxCrossEntropy(z, labels, { spread: 'others' }).arraySync()).toBe(
      softmaxCrossEntropy(z, labels).arraySync(),
    );
  });
});

describe('sigmoidCrossEntropy of infinite logits', () => {
  const [high, low] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const run = () => {
    const [z, t] = [tf.tensor1d([high, low, 0, 2]), tf.tensor1d([1, 0, 1, 0])];
    const f = (x: tf.Tensor) => sigmoidCrossEntropy(x, t, { positiveWeights: [3, 3, 1, 1] });
    const { value, grads } = valueAndGrad(f)(z, null);
    return [value, grads, hvp(f)(z, null, tf.onesLike(z))].flatMap((x) => [...x.dataSync()]);
  };

  test('costs nothing where they are right, with derivatives of 0, on WASM too', async () => {
    const sigmoid = 1 / (1 + Math.exp(-2));
    const expected = [
      (Math.LN2 + 2 - Math.log(sigmoid)) / 4,
      ...[0, 0, -0.5 / 4, sigmoid / 4],
      ...[0, 0, 0.25 / 4, (sigmoid * (1 - sigmoid)) / 4],
    ];
    for (const actual of [run(), await onWasm(run)])
      for (const [i, e] of expected.entries()) expect(actual[i]).toBeCloseTo(e, 6);
  });

  test('costs without bound where they are wrong, and NaN stays NaN', () => {
    const loss = (z: number, t: number) => sigmoidCrossEntropy(tf.tensor1d([z]), tf.tensor1d([t])).arraySync();
    expect([loss(high, 0), loss(low, 1), loss(high, 0.5)]).toEqual([high, high, high]);
    expect([loss(Number.NaN, 0), loss(Number.NaN, 1)]).toEqual([Number.NaN, Number.NaN]);
  });

  test('has the right derivative by the labels at 0 and 1 too: -z', () => {
    const z = tf.tensor1d([3, -2]);
    const { grads } = valueAndGrad((t: tf.Tensor) => sigmoidCrossEntropy(z, t))(tf.tensor1d([1, 0]), null);
    expect([...grads.dataSync()]).toEqual([expect.closeTo(-1.5, 6), expect.closeTo(1, 6)]);
  });
});

describe('says in one line', () => {
  const [logits, labels] = [tf.zeros<tf.Rank.R2>([1, 2]), ints([0])];

  test.each([['0.1'], [true], [null], [-0.1], [1.1], [Number.NaN]])('that smoothing is none: %j', (smoothing) => {
    const wrong = { smoothing } as object;
    const got = typeof smoothing === 'string' ? `"${smoothing}"` : String(smoothing);
    for (const call of [softmaxCrossEntropy, accuracy, errorRate])
      expect(() => call(logits, labels, wrong)).toThrow(`Label smoothing is a number that lies in [0, 1], got ${got}.`);
    expect(() => labelWeight(labels, wrong)).toThrow('Label smoothing is a number');
  });

  test('that one class is none', () => {
    const message = /^A softmax over one class is always 1 and learns nothing, got logits \[2,1\]: [^\n]*sigmoidCross/;
    for (const call of [softmaxCrossEntropy, accuracy, errorRate])
      for (const y of [ints([0, 0]), tf.ones([2, 1])]) expect(() => call(tf.zeros([2, 1]), y)).toThrow(message);
    expect(() => labelWeight(tf.ones([2, 1]))).toThrow('one class');
    expect(() => labelWeight(ints([0, 0]), { classWeights: [2] })).toThrow('got one class weight');
  });

  test.each([[-1], [Number.NaN], ['1']])('that a class does not weigh %j', (weight) => {
    const wrong = { classWeights: [1, weight] } as object;
    expect(() => softmaxCrossEntropy(logits, labels, wrong)).toThrow('classWeights[1] must be a ');
    expect(() => sigmoidCrossEntropy(logits, logits, { positiveWeights: [1, weight] } as object)).toThrow(
      'positiveWeights[1] must be a ',
    );
  });
});

test('Weights whose sum overflows make a mean NaN, not 0', () => {
  const weights = tf.fill([3], 3e38);
  const [y, t] = [tf.fill([3], 0.1), tf.zeros([3])];
  expect(meanSquaredError(y, t, { weights }).arraySync()).toBeNaN();
});

test('What stands at a class weight of 0 has no influence on losses of entries, not even NaN', () => {
  const logits = tf.tensor2d([
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
  ]);
  const f = (z: tf.Tensor) => sigmoidCrossEntropy(z, tf.zeros([2, 2]), { classWeights: [0, 1] });
  const { value, grads } = valueAndGrad(f)(logits, null);
  expect(value.arraySync()).toBeCloseTo(Math.LN2, 6);
  expect([...grads.dataSync()]).toEqual([0, 0.25, 0, 0.25]);
});
