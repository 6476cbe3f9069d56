import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import { accuracy, calibrationError, calibrationGaps, topKAccuracy } from '../../src/index.ts';

type Case = {
  readonly logits: readonly number[][];
  readonly labels: readonly number[];
  readonly calibrationError: Readonly<Record<string, number>>;
  readonly topK: Readonly<Record<string, number>>;
};

/** What torchmetrics says, by tools/vectors/calibration.py. */
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/calibration.json', import.meta.url), 'utf8'),
);

const ints = (labels: readonly number[]) => tf.tensor1d([...labels], 'int32');
const logs = (rows: number[][]) => tf.log(tf.tensor2d(rows)) as tf.Tensor2D;

describe('against torchmetrics', () => {
  const check = ({ logits, labels, calibrationError: errors, topK }: Case): void => {
    const [z, y] = [tf.tensor2d([...logits]), ints(labels)];
    for (const [bins, error] of Object.entries(errors))
      expect(calibrationError(z, y, { bins: Number(bins) }).dataSync()[0]).toBeCloseTo(error, 5);
    for (const [k, rate] of Object.entries(topK))
      expect(topKAccuracy(z, y, Number(k)).dataSync()[0]).toBeCloseTo(rate, 6);
  };

  test('calibration error and top-k accuracy are the same', () => {
    for (const one of cases) check(one);
  });

  test('on WASM, too', () => onWasm(() => cases.forEach(check)));
});

describe('topKAccuracy', () => {
  test('counts the place of the label, of equal logits the first as the larger', () => {
    const logits = tf.tensor2d([[1, 1, 1, 0]]);
    const at = (k: number) => [0, 1, 2, 3].map((label) => topKAccuracy(logits, ints([label]), k).dataSync()[0]);
    expect([1, 2, 3, 4].map(at)).toEqual([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  property.prop([
    fc.array(
      fc.array(fc.constantFrom(-1, 0, 2, Number.NaN, Number.NEGATIVE_INFINITY), { minLength: 3, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 1, 3)), { minLength: 5, maxLength: 5 }),
  ])('is accuracy for k = 1, whatever the logits, weights and kinds of labels are', (rows, drawn) => {
    const examples = drawn.slice(0, rows.length);
    const logits = tf.tensor2d(rows);
    const labels = ints(examples.map(([label]) => label));
    const options = { weights: tf.tensor1d(examples.map(([, weight]) => weight)) };
    const soft = tf.cast(tf.oneHot(labels, 3), 'float32');
    for (const given of [labels, soft])
      expect(topKAccuracy(logits, given, 1, options).dataSync()).toEqual(accuracy(logits, given, options).dataSync());
  });
});

describe('calibrationError', () => {
  test('is the gap between accuracy and confidence, bin by bin', () => {
    // Confidences 0.9 and 0.8, both right: 0.1 and 0.2 too modest; 0.6 and 0.55, wrong: too sure by so much.
    const logits = logs([
      [0.9, 0.1],
      [0.2, 0.8],
      [0.6, 0.4],
      [0.45, 0.55],
    ]);
    const labels = ints([0, 1, 1, 0]);
    expect(calibrationError(logits, labels).dataSync()[0]).toBeCloseTo((0.1 + 0.2 + 0.6 + 0.55) / 4, 6);
    // In one bin the gaps of both signs cancel: |0.5 - 0.7125|.
    expect(calibrationError(logits, labels, { bins: 1 }).dataSync()[0]).toBeCloseTo(0.2125, 6);
    const gaps = [...calibrationGaps(logits, labels, { bins: 4 }).dataSync()];
    expect(gaps.map((gap) => Number(gap.toFixed(4)))).toEqual([0, 0, -0.2875, 0.075]);
  });

  test('is 0 of a network that is as often right as it says, and 1 of one that is surely wrong', () => {
    const even = tf.zeros<tf.Rank.R2>([4, 2]);
    expect(calibrationError(even, ints([0, 0, 1, 1])).dataSync()[0]).toBeCloseTo(0, 6);
    const sure = tf.tensor2d([[100, 0]]);
    expect(calibrationError(sure, ints([1])).dataSync()[0]).toBeCloseTo(1, 6);
    expect(calibrationError(sure, ints([0])).dataSync()[0]).toBeCloseTo(0, 6);
  });

  test('of a set is made of the mean of the gaps of its batches', () => {
    const [{ logits, labels } = { logits: [], labels: [] }] = cases;
    const gaps = (from: number, to: number) => [
      ...calibrationGaps(tf.tensor2d(logits.slice(from, to)), ints(labels.slice(from, to))).dataSync(),
    ];
    const [first, second] = [gaps(0, 30), gaps(30, 40)];
    const whole = first.reduce((all, gap, i) => all + Math.abs(0.75 * gap + 0.25 * second[i]!), 0);
    expect(whole).toBeCloseTo(calibrationError(tf.tensor2d([...logits]), ints(labels)).dataSync()[0]!, 6);
  });

  test('counts examples by their weights, and those that are ignored not at all', () => {
    const logits = logs([
      [0.9, 0.1],
      [0.3, 0.7],
    ]);
    const first = calibrationError(logits.slice([0, 0], [1, 2]), ints([0])).dataSync()[0]!;
    expect(calibrationError(logits, ints([0, -1]), { ignore: -1 }).dataSync()[0]).toBeCloseTo(first, 6);
    const weights = tf.tensor1d([3, 1]);
    expect(calibrationError(logits, ints([0, 1]), { weights }).dataSync()[0]).toBeCloseTo((3 * 0.1 + 0.3) / 4, 6);
  });

  test('is NaN where a logit or a label is: such a network is not calibrated', () => {
    expect(calibrationError(tf.tensor2d([[Number.NaN, 0]]), ints([0])).dataSync()[0]).toBeNaN();
    expect(calibrationError(tf.tensor2d([[1, 0]]), ints([2])).dataSync()[0]).toBeNaN();
  });
});

test('each leaves one tensor', () => {
  const [logits, labels] = [tf.zeros<tf.Rank.R2>([2, 3]), ints([0, 1])];
  const before = tf.memory().numTensors;
  topKAccuracy(logits, labels, 2);
  calibrationGaps(logits, labels);
  calibrationError(logits, labels);
  expect(tf.memory().numTensors - before).toBe(3);
});

test.each([0, 1.5, Number.NaN])('%s are no k and no bins', (n) => {
  const [logits, labels] = [tf.zeros<tf.Rank.R2>([1, 3]), ints([0])];
  expect(() => topKAccuracy(logits, labels, n)).toThrow(`k must be a positive whole number, got ${n}.`);
  expect(() => calibrationError(logits, labels, { bins: n })).toThrow(
    `bins must be a positive whole number, got ${n}.`,
  );
});
