import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  type GradientTransformation,
  interval,
  microBatch,
  partition,
  samTransform,
  scale,
  sgd,
  trace,
} from '../../src/index.ts';
import { numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const isBias = (path: string) => path.endsWith('.bias');
const isKernel = (path: string) => path.endsWith('.kernel');
type Params = { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };
const params = (): Params => ({ kernel: tf.tensor1d([3, 4]), bias: tf.tensor1d([0, 12]) });

/** L(w) = ½‖w‖² + Σ kernel·bias: each group's gradient feels a perturbation of the other. */
function crossed() {
  const points: number[][] = [];
  const gradient = ({ kernel, bias }: Params) => {
    points.push(numbers([kernel, bias]));
    return {
      value: tf.scalar(points.length),
      grads: { kernel: tf.add(kernel, bias), bias: tf.add(bias, kernel) },
      aux: null,
    };
  };
  return { gradient, points };
}

const groups = (kernels: GradientTransformation<Tree>, biases: GradientTransformation<Tree>) =>
  partition({ kernels: { select: isKernel, link: kernels }, biases: { select: isBias, link: biases } });

function update(link: GradientTransformation<Tree>) {
  const { gradient, points } = crossed();
  return tf.tidy(() => {
    const w = params();
    const [{ grads, value }, state] = link.update(gradient, link.init(w), w, null);
    return { grads: numbers([grads.kernel, grads.bias]), value: numbers(value), points, state: numbers(state) };
  });
}

describe('partition', () => {
  test('gives each group a learning rate and a decay of its own, for one evaluation', () => {
    const link = groups(chain(addDecayedWeights(0.5), sgd(0.1)), sgd(0.01));
    const { grads, points } = update(link);
    expectEach(grads, [-0.1 * (3 + 1.5), -0.1 * (16 + 2), -0.01 * 3, -0.01 * 16]);
    expect(points).toHaveLength(1);
    expect(link.gradientCost).toBe(1);
  });

  test('has states by group, of their leaves alone', () => {
    expect(update(groups(trace(0.9), scale(1))).state).toEqual([3, 16]);
  });

  test('with SAM outside has one global norm', () => {
    const { grads, points } = update(chain(samTransform(1), groups(sgd(1), sgd(1))));
    const length = Math.hypot(3, 16, 3, 16);
    const moved = [3 + 3 / length, 4 + 16 / length, 3 / length, 12 + 16 / length];
    expectEach(points[1] ?? [], moved);
    expect(points).toHaveLength(2);
    const [a = 0, b = 0, c = 0, d = 0] = moved;
    expectEach(grads, [-(a + c), -(b + d), -(a + c), -(b + d)]);
  });

  test('with SAM inside has one norm for each group, and shares the evaluation at w', () => {
    const link = groups(chain(samTransform(1), sgd(1)), chain(samTransform(2), sgd(1)));
    const { grads, points, value } = update(link);
    const length = Math.hypot(3, 16);
    expect(points).toHaveLength(3);
    expect(link.gradientCost).toBe(3);
    const [, kernels = [], biases = []] = points;
    expectEach(kernels, [3 + 3 / length, 4 + 16 / length, 0, 12]);
    expectEach(biases, [3, 4, 6 / length, 12 + 32 / length]);
    expectEach(grads, [-(3 + 3 / length), -(16 + 16 / length), -(3 + 6 / length), -(16 + 32 / length)]);
    expect(value).toEqual([1]);
  });

  test('keeps the states of links before it', () => {
    const link = chain(trace(0.5), groups(interval(2, samTransform(1)), scale(2)), trace(0.5));
    const { state } = update(link);
    expect(state).toEqual([3, 16, 3, 16, 0, 3, 16, 6, 32]);
  });

  test('may stand before and behind slices', () => {
    const w = tf.scalar(1);
    const gradient = (at: tf.Tensor, x: tf.Tensor) => ({
      value: tf.scalar(0),
      grads: tf.mul(at, tf.mean(x)),
      aux: null,
    });
    const all = partition({ all: { select: () => true, link: chain(samTransform(1), sgd(0.5)) } });
    const orders: GradientTransformation<Tree>[] = [chain(all, microBatch(2)), chain(microBatch(2), all)];
    for (const link of orders) {
      const [{ grads }] = link.update(gradient, link.init(w), w, tf.tensor1d([1, 2, 6]));
      expectEach(numbers(grads), [-3]);
    }
  });

  test('names a leaf that is in no group or in two', () => {
    const w = params();
    const twice = partition({
      kernels: { select: isKernel, link: scale(1) },
      all: { select: () => true, link: scale(1) },
    });
    expect(() => twice.init(w)).toThrow(
      'Every leaf belongs to one group: ".kernel" is selected by kernels and all of kernels, all.',
    );
    const none = partition({ kernels: { select: isKernel, link: scale(1) } });
    expect(() => none.init(w)).toThrow('Every leaf belongs to one group: ".bias" is selected by none of kernels.');
    expect(() => none.init(tf.scalar(1))).toThrow(
      'Every leaf belongs to one group: "." is selected by none of kernels.',
    );
    dispose(w);
  });
});
