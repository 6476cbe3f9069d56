import { fc, test as property } from '@fast-check/vitest';
import { hvp, valueAndGrad } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import { accuracy, errorRate, labelWeight, softmaxCrossEntropy } from '../../src/index.ts';
import { crossEntropy, oneHot, rowWeights, softmax, sum } from '../support/labels.ts';

const classes = 4;
const ints = (values: readonly number[], shape: number[] = [values.length]) => tf.tensor([...values], shape, 'int32');
const cut = (flat: ArrayLike<number>, size: number) =>
  Array.from({ length: flat.length / size }, (_, i) => Array.from({ length: size }, (_, c) => flat[i * size + c]!));

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 2e-5) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, e] of expected.entries()) expect(Math.abs(actual[i]! - e)).toBeLessThan(tolerance * (1 + Math.abs(e)));
};

/** A batch of two or three sides with everything that may be said of its labels. */
const situation = fc.constantFrom<number[]>([3], [1], [2, 3], [2, 1, 2]).chain((sides) => {
  const n = sides.reduce((a, b) => a * b, 1);
  const many = <T>(of: fc.Arbitrary<T>, length: number) => fc.array(of, { minLength: length, maxLength: length });
  const amount = fc.constantFrom(0, 0.25, 1, 3);
  return fc.record({
    sides: fc.constant(sides),
    logits: many(fc.float({ min: -50, max: 50, noNaN: true }), n * classes),
    labels: many(fc.integer({ min: -1, max: classes - 1 }), n),
    kind: fc.constantFrom('numbers', 'int32', 'float32', 'bool', 'soft'),
    weights: fc.option(many(amount, n), { nil: undefined }),
    classWeights: fc.option(many(amount, classes), { nil: undefined }),
    smoothing: fc.constantFrom(0, 0.1, 1),
  });
});

/** The arguments of the losses and the same as rows for the reference. */
function build(s: typeof situation extends fc.Arbitrary<infer T> ? T : never) {
  const numbers = s.kind === 'numbers';
  const label = s.labels.map((l) => (numbers ? l : Math.max(l, 0)));
  const targets = oneHot(label, classes).map((row, i) =>
    s.kind === 'soft' ? row.map((t, c) => 0.75 * t + (c === i % classes ? 0.25 : 0)) : row,
  );
  const own = label.map((l, i) => (l < 0 ? 0 : (s.weights?.[i] ?? 1)));
  const full = [...s.sides, classes];
  const dtype = s.kind === 'soft' ? 'float32' : (s.kind as 'int32');
  return {
    logits: tf.tensor(s.logits, full),
    labels: numbers ? ints(label, s.sides) : tf.tensor(targets.flat(), full, dtype),
    options: {
      smoothing: s.smoothing,
      ...(numbers && { ignore: -1 }),
      ...(s.weights && { weights: tf.tensor(s.weights, s.sides) }),
      ...(s.classWeights && { classWeights: s.classWeights }),
    },
    rows: cut(Float32Array.from(s.logits), classes),
    targets,
    counting: { weights: own, ...(s.classWeights && { classWeights: s.classWeights }) },
  };
}

describe('softmaxCrossEntropy of any labels', () => {
  property.prop({ s: situation })('is its definition, value and gradient', ({ s }) => {
    const { logits, labels, options, rows, targets, counting } = build(s);
    const expected = crossEntropy(rows, targets, counting, s.smoothing);
    const { value, grads } = valueAndGrad((z: tf.Tensor) => softmaxCrossEntropy(z, labels, options))(logits, null);
    near(value.dataSync(), [expected.value]);
    near(grads.dataSync(), expected.gradient.flat());
  });

  property.prop({ s: situation })('accuracy, errorRate and labelWeight count the same', ({ s }) => {
    const { logits, labels, options, rows, targets, counting } = build(s);
    const weights = rowWeights(targets, counting);
    const first = (row: readonly number[]) => row.indexOf(Math.max(...row));
    const right = sum(rows.map((row, i) => (first(row) === first(targets[i]!) ? weights[i]! : 0)));
    const whole = sum(weights);
    near(accuracy(logits, labels, options).dataSync(), [whole === 0 ? 0 : right / whole]);
    near(errorRate(logits, labels, options).dataSync(), [whole === 0 ? 0 : 1 - right / whole]);
    if (s.kind !== 'int32') near(labelWeight(labels, options).dataSync(), [whole]);
  });

  property.prop({ s: situation })('slices joined by labelWeight are the whole', ({ s }) => {
    const { logits, labels, options } = build(s);
    if (s.kind === 'int32' || s.sides[0] === 1) return;
    const slices = [0, 1].map((i) => {
      const part = <T extends tf.Tensor>(x: T) => (i === 0 ? x.slice([0], [1]) : x.slice([1]));
      const own = 'weights' in options && options.weights ? { weights: part(options.weights) } : {};
      const sliced = { ...options, ...own };
      const loss = softmaxCrossEntropy(part(logits), part(labels), sliced).arraySync();
      return { loss, weight: labelWeight(part(labels), sliced).arraySync() };
    });
    const whole = sum(slices.map(({ weight }) => weight));
    const joined = whole === 0 ? 0 : sum(slices.map(({ loss, weight }) => loss * weight)) / whole;
    near(softmaxCrossEntropy(logits, labels, options).dataSync(), [joined]);
  });

  test('its Hessian is w·(diag(p) - p·pᵀ) / Σ w', () => {
    const rows = [
      [2, -1, 0.5, 0],
      [0, 0, 0, 0],
      [1e4, -1e4, 3, 0],
      [5, 1, 2, 3],
    ];
    const [weights, direction] = [[1, 2, 1, 0.5], rows.map((_, i) => [i, 1, -2, 0.5])];
    const loss = (z: tf.Tensor) =>
      softmaxCrossEntropy(z, ints([0, 3, 1, -1]), { ignore: -1, weights: tf.tensor1d(weights), smoothing: 0.1 });
    const product = hvp(loss)(tf.tensor(rows), null, tf.tensor(direction));
    const expected = rows.map((row, i) => {
      const p = softmax(row);
      const along = sum(p.map((pc, c) => pc * direction[i]![c]!));
      return p.map((pc, c) => (i === 3 ? 0 : (weights[i]! / 4) * pc * (direction[i]![c]! - along)));
    });
    near(product.dataSync(), expected.flat(), 1e-6);
  });

  test.each([
    ['ignored', { ignore: -1 }],
    ['of weight 0', { weights: tf.tensor1d([1, 0]) }],
  ])('NaN and infinity where labels are %s go nowhere', (_, options) => {
    const labels = ints([1, 'ignore' in options ? -1 : 0]);
    const logits = tf.tensor2d([
      [1, 2],
      [Number.NaN, Number.POSITIVE_INFINITY],
    ]);
    const { value, grads } = valueAndGrad((z: tf.Tensor) => softmaxCrossEntropy(z, labels, options))(logits, null);
    near(value.dataSync(), [Math.log(1 + Math.exp(-1))]);
    near(grads.dataSync(), [0.26894142, -0.26894142, 0, 0]);
    expect(accuracy(logits, labels, options).arraySync()).toBe(1);
  });

  test('a padded batch is the mean over its tokens, and a batch of padding only is 0 with zero gradients', () => {
    const logits = tf.tensor([1, 0, 0, 2, 3, 0, 0, 0], [2, 2, 2]);
    const of = (labels: number[]) =>
      valueAndGrad((z: tf.Tensor) => softmaxCrossEntropy(z, ints(labels, [2, 2]), { ignore: -100 }))(logits, null);
    const three = [0, 1, 1, -100];
    near(of(three).value.dataSync(), [
      (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(3))) / 3,
    ]);
    const none = of([-100, -100, -100, -100]);
    expect([...none.value.dataSync(), ...none.grads.dataSync()].map(Math.abs)).toEqual(Array(9).fill(0));
    const nothing = ints([-100, -100, -100, -100], [2, 2]);
    expect(labelWeight(nothing, { ignore: -100 }).arraySync()).toBe(0);
    expect(errorRate(logits, nothing, { ignore: -100 }).arraySync()).toBe(0);
  });

  test('a class number that is no class makes everything NaN, the gradient too', () => {
    const logits = tf.zeros([2, 3]);
    for (const label of [-1, 3, 255]) {
      const f = (z: tf.Tensor) => softmaxCrossEntropy(z, ints([0, label]), { ignore: 7, smoothing: 0.1 });
      const { value, grads } = valueAndGrad(f)(logits, null);
      expect([...value.dataSync(), ...grads.dataSync()].every(Number.isNaN)).toBe(true);
      expect(accuracy(logits, ints([0, label])).arraySync()).toBeNaN();
    }
    // A label that is ignored may be any.
    expect(softmaxCrossEntropy(logits, ints([0, 255]), { ignore: 255 }).arraySync()).toBeCloseTo(Math.log(3), 6);
  });

  test('a logit of -∞ rules a class out', () => {
    const f = (z: tf.Tensor) => softmaxCrossEntropy(z, ints([0]));
    const { value, grads } = valueAndGrad(f)(tf.tensor2d([[1, 1, Number.NEGATIVE_INFINITY]]), null);
    near(value.dataSync(), [Math.log(2)]);
    near(grads.dataSync(), [-0.5, 0.5, 0]);
  });

  test('soft labels of mixup are the mixture of two losses', () => {
    const logits = tf.tensor2d([[2, -1, 0.5]]);
    const [a, b] = [
      [1, 0, 0],
      [0, 0, 1],
    ].map((t) => softmaxCrossEntropy(logits, tf.tensor2d([t])).arraySync());
    const mixed = softmaxCrossEntropy(logits, tf.tensor2d([[0.3, 0, 0.7]])).arraySync();
    expect(mixed).toBeCloseTo(0.3 * a! + 0.7 * b!, 6);
  });

  test('class weights as PyTorch documents them: Σ w[y]·l / Σ w[y], smoothing included', () => {
    // l = (1 - s)·w[y]·nll + s/C·Σ_c w[c]·nll_c, over w[1] + w[0], for logits 0: nll = log 2.
    const loss = softmaxCrossEntropy(tf.zeros([2, 2]), ints([1, 0]), { classWeights: [1, 3], smoothing: 0.2 });
    expect(loss.arraySync()).toBeCloseTo((Math.LN2 * (0.8 * 4 + 2 * 0.1 * 4)) / 4, 6);
  });

  test('WASM gives what the CPU backend gives, at every rank', async () => {
    const run = () => {
      const logits = tf.reshape(tf.sin(tf.range(0, 48)), [2, 2, 3, 4]);
      const labels = ints([0, 1, 2, 3, -1, 0, 1, 2, 3, -1, 0, 1], [2, 2, 3]);
      const options = { ignore: -1, classWeights: [1, 2, 0.5, 0], weights: tf.tensor1d([1, 0.5]), smoothing: 0.1 };
      const f = (z: tf.Tensor) => softmaxCrossEntropy(z, labels, { ...options, spread: 'others' });
      const { value, grads } = valueAndGrad(f)(logits, null);
      return [value, grads, accuracy(logits, labels, options), labelWeight(labels, options)].flatMap((x) => [
        ...x.dataSync(),
      ]);
    };
    near(await onWasm(run), run());
  });

  test('says what does not fit', () => {
    const logits = tf.zeros([2, 3, 4]);
    const labels = ints([0, 0, 0, 0, 0, 0], [2, 3]);
    const call =
      (options: object, z = logits, y: tf.Tensor = labels) =>
      () =>
        softmaxCrossEntropy(z, y, options);
    expect(call({ weights: tf.zeros([3]) })).toThrow(
      'weights must have the shape of the examples, [2,3], or its first sides, got [3].',
    );
    expect(call({ classWeights: [1, 2] })).toThrow('classWeights must have one number for each of 4 classes, got [2].');
    expect(call({ ignore: 0.5 })).toThrow('ignore must be a label, a whole number, got 0.5.');
    expect(call({ ignore: 1 }, logits, tf.zeros([2, 3, 4]))).toThrow('ignore needs class numbers, int32 [2,3]');
    expect(call({}, logits, ints([0, 0]))).toThrow('Soft and one-hot labels are [2,3,4].');
    expect(call({}, tf.zeros([0, 4]), ints([]))).toThrow('There must be an example and a class at least');
    expect(call({}, tf.zeros([2, 3], 'int32'), ints([0, 0]))).toThrow('Logits must be float32 [batch, ..., classes]');
    expect(() => labelWeight(tf.oneHot(ints([0, 1]) as tf.Tensor1D, 4), { classWeights: [1, 1, 1, 1] })).toThrow(
      'cast one-hot labels to float32',
    );
    expect(() => labelWeight(tf.tensor1d([0, 1]))).toThrow('Labels must be int32 [batch, ...]');
  });

  test('leaves its results only', () => {
    const options = { ignore: -1, classWeights: [1, 2], weights: tf.tensor1d([1, 2]) };
    const [logits, labels] = [tf.zeros([2, 2]), ints([0, -1])];
    const before = tf.memory().numTensors;
    softmaxCrossEntropy(logits, labels, options);
    accuracy(logits, labels, options);
    labelWeight(labels, options);
    labelWeight(labels);
    expect(tf.memory().numTensors - before).toBe(4);
  });
});
