import { key } from '@steppe/random';
import { dispose, leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test, vi } from 'vitest';
import { batchNorm, initBatchNorm, type Model, smallCnn, syncBatchNorm } from '../../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

const network = smallCnn({ classes: 2, widths: [3] });
const images = tf.randomNormal<tf.Rank.R4>([4, 6, 6, 1], 0, 1, 'float32', 1);
const numbers = (tree: Parameters<typeof leaves>[0]) => leaves(tree).map(({ leaf }) => [...leaf.dataSync()]);

test('a worker alone, whose mean over all is its own, gets what the network gives', () => {
  const before = tf.memory().numTensors;
  const { params, state } = network.init(key(0), [6, 6, 1]);
  const over = vi.fn((values: Float32Array) => values);
  const own = network.apply(params, state, images, { training: true });
  const synced = syncBatchNorm(network, over).apply(params, state, images, { training: true });
  expect(numbers(synced)).toEqual(numbers(own));
  // Mean and variance, each standing for as many numbers a channel as were averaged.
  expect(
    over.mock.calls.map(([values, weight]: readonly unknown[]) => [(values as Float32Array).length, weight]),
  ).toEqual([
    [3, 144],
    [3, 144],
  ]);
  dispose(params, state, own, synced);
  expect(tf.memory().numTensors).toBe(before);
});

test('the statistics are those of all workers, here of another one with twice the numbers', () => {
  const x = tf.tensor2d([[1], [3]]);
  // The other has the mean 5 and, around the common mean, the variance 4.
  const others = [5, 4];
  const over = (values: Float32Array, weight: number) =>
    values.map((own) => (weight * own + 4 * (others[calls++] as number)) / (weight + 4));
  let calls = 0;
  const layer: Model<ReturnType<typeof initBatchNorm>['params'], ReturnType<typeof initBatchNorm>['state']> = {
    init: () => initBatchNorm(1),
    apply: (params, state, images, { training }) =>
      batchNorm(params, state, images, { training, momentum: 0, epsilon: 0 }) as never,
  };
  const { params, state } = layer.init(key(0), [1, 1, 1]);
  const [y, next] = syncBatchNorm(layer, over).apply(params, state, x as never, { training: true });
  const mean = (2 * 2 + 4 * 5) / 6;
  const variance = ((1 - mean) ** 2 + (3 - mean) ** 2 + 4 * 4) / 6;
  expect(next.mean.dataSync()[0]).toBeCloseTo(mean, 5);
  expect(next.variance.dataSync()[0]).toBeCloseTo(variance, 5);
  expect(y.dataSync()[0]).toBeCloseTo((1 - mean) / Math.sqrt(variance), 5);
});

test('evaluation asks nobody, and a network that throws leaves the next one to itself', () => {
  const { params, state } = network.init(key(0), [6, 6, 1]);
  const over = vi.fn((values: Float32Array) => values);
  syncBatchNorm(network, over).apply(params, state, images, { training: false });
  const lost = () => {
    throw new Error('A peer is lost.');
  };
  expect(() => syncBatchNorm(network, lost).apply(params, state, images, { training: true })).toThrow(
    'A peer is lost.',
  );
  network.apply(params, state, images, { training: true });
  expect(over).not.toHaveBeenCalled();
});

test('what is no network and no mean is refused', () => {
  expect(() => syncBatchNorm({} as never, (values) => values)).toThrow('model must be a network, such as');
  expect(() => syncBatchNorm(network, 3 as never)).toThrow(
    'mean must be meanAcross(world) of @steppe/distributed, got 3.',
  );
});
