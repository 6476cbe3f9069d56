import { clone, dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { type Batches, passOver } from '../src/examples.ts';
import { meanNumbers, meanTree } from '../src/means.ts';

type Batch = { readonly x: tf.Tensor };

const numbers = [[1, 2, 3], [10], [4, 6]];
const fresh = function* (): Generator<Batch> {
  for (const batch of numbers) yield { x: tf.tensor1d(batch) };
};
const meanOf = async (batches: Batches<Batch>, options = {}) =>
  meanNumbers(passOver('a test', batches, options), ({ x }) => ({ x: tf.mean(x), square: tf.mean(tf.square(x)) }));
const refused = async (batches: unknown, options = {}) =>
  meanOf(batches as Batches<Batch>, options).then(
    () => 'nothing',
    (error: Error) => error.message,
  );

test('a mean over batches weighs each by its examples, as one batch of all has it', async () => {
  const { x, square } = await meanOf(fresh);
  expect(x).toBeCloseTo(26 / 6, 6);
  expect(square).toBeCloseTo(166 / 6, 5);
});

test('a mean of trees is that of numbers, in the memory of one batch however many there are', async () => {
  const before = tf.memory().numTensors;
  const counts: number[] = [];
  const many = function* () {
    for (let i = 0; i < 40; i++) {
      counts.push(tf.memory().numTensors);
      yield { x: tf.tensor1d([i, i + 1]) };
    }
  };
  const mean = await meanTree('mean', passOver<Batch>('a test', many), ({ x }) => ({ a: tf.mean(x), b: [x] }));
  expect(mean.a.dataSync()[0]).toBeCloseTo(20, 4);
  expect(Math.max(...counts.slice(2))).toBe(counts[1]);
  dispose(mean);
  expect(tf.memory().numTensors).toBe(before);
});

test('the batches of a list stay the caller’s, those of a function are freed', async () => {
  const before = tf.memory().numTensors;
  await meanOf(fresh);
  expect(tf.memory().numTensors).toBe(before);
  const list = [...fresh()];
  await meanOf(list);
  await meanOf(list);
  expect(list.some(({ x }) => x.isDisposed)).toBe(false);
  dispose(list);
});

test('a pass can be made again, tells its progress, and stops between batches when it is told to', async () => {
  const told: unknown[] = [];
  const controller = new AbortController();
  const pass = passOver<Batch>('a test', fresh, {
    signal: controller.signal,
    onProgress: ({ done, total }) => {
      told.push([done, total]);
      if (told.length === 5) controller.abort(new Error('enough'));
    },
  });
  await pass(() => undefined);
  const before = tf.memory().numTensors;
  await expect(pass(() => undefined)).rejects.toThrow('enough');
  expect(told).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
    [1, 3],
    [2, 3],
  ]);
  expect(tf.memory().numTensors).toBe(before);
});

test('what gives no mean is refused in one line', async () => {
  const list = [...fresh()];
  const x = tf.tensor1d([1, 2]);
  expect(await refused(fresh())).toBe(
    'The batches of a test must be a list of batches, or a function that gives them at every pass, got an iterator, which can be walked once only: pass the function that makes it.',
  );
  expect(await refused([])).toBe('a test got no batches: it needs at least one.');
  expect(await refused(() => 3)).toBe(
    'What batches() gives must be an iterable of batches, got 3: write it as function* or async function*.',
  );
  expect(await refused([{ x: tf.zeros([0, 2]) }])).toContain('Batch 1 is empty, ".x" has shape [0,2]');
  expect(await refused([{ x, y: tf.zeros([3]) }])).toBe(
    'All tensors of a batch have one first dimension, its examples: in batch 1 ".x" has 2, ".y" has 3. Give the number by the option size.',
  );
  expect(await refused([{ x }], { size: () => 0 })).toBe('The size of batch 1 must be a finite number above 0, got 0.');
  expect(await refused([{ x }], { signal: 5 })).toBe('signal must be an AbortSignal, got 5.');
  dispose(list[1] as Batch);
  expect(await refused(list)).toContain('Batch 2 holds a tensor that is already freed, at ".x": a function makes new');
  await expect(
    meanTree('gradient', passOver<Batch>('a test', [{ x }, { x: tf.tensor1d([Number.NaN, 1]) }]), clone),
  ).rejects.toThrow('The gradient of batch 2 is not finite, it sums to NaN');
});

test('a mean over other batches than before is refused, for it is another function', async () => {
  let turn = 0;
  const pass = passOver<Batch>('a test', () => [...fresh()].slice(turn++));
  await pass(() => undefined);
  await expect(pass(() => undefined)).rejects.toThrow(
    /^The batches of a test differ between passes, \d with \d+ examples, then \d with \d+ examples: give/,
  );
});
