import { test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { capture, registerNative, treeAddScaled, treeNorm } from '../../src/index.ts';
import { floats, seeds } from '../support/arbitraries.ts';

await registerNative();
await tf.setBackend('native');
afterAll(() => tf.setBackend('cpu'));

const of = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(Float32Array.from(floats(shape, seed).values), shape);
const bits = (tree: unknown): unknown[] =>
  tree instanceof tf.Tensor
    ? [tree.dtype, tree.shape, ...new Uint8Array(tree.dataSync().slice().buffer)]
    : typeof tree === 'object' && tree !== null
      ? Object.values(tree).flatMap(bits)
      : [tree];

type Params = { kernel: tf.Tensor4D; dense: tf.Tensor2D; scale: tf.Tensor1D };
type Step = { params: Params; momentum: tf.Tensor[]; rate: tf.Scalar };

const paramsOf = (seed: number): Params => ({
  kernel: of([3, 3, 2, 4], seed) as tf.Tensor4D,
  dense: of([4, 3], seed + 1) as tf.Tensor2D,
  scale: of([4], seed + 2) as tf.Tensor1D,
});
const loss = ({ kernel, dense, scale }: Params, x: tf.Tensor4D, y: tf.Tensor1D): tf.Scalar => {
  const features = tf.mul(tf.relu(tf.conv2d(x, kernel, 1, 'same')), scale) as tf.Tensor4D;
  const logits = tf.matMul(tf.mean(tf.maxPool(features, 2, 2, 'valid'), [1, 2]), dense);
  const chosen = tf.sum(tf.mul(logits, tf.oneHot(tf.cast(y, 'int32'), 3)), -1);
  return tf.mean(tf.sub(tf.logSumExp(logits, -1), chosen));
};
const gradient = (params: Params, x: tf.Tensor4D, y: tf.Tensor1D) => {
  const of = tf.grads((kernel, dense, scale) => loss({ kernel, dense, scale } as Params, x, y));
  return of([params.kernel, params.dense, params.scale]);
};
/** A step of SAM with momentum, in which numbers come from the host too. */
const step = ({ params, momentum, rate }: Step, x: tf.Tensor4D, y: tf.Tensor1D) => {
  const leaves = Object.values(params) as tf.Tensor[];
  const named = ([kernel, dense, scale]: tf.Tensor[]): Params => ({ kernel, dense, scale }) as Params;
  const grads = gradient(params, x, y);
  const radius = tf.div(0.05, treeNorm(grads)) as tf.Scalar;
  const worst = gradient(named(treeAddScaled(leaves, radius, grads)), x, y);
  const next = momentum.map((trace, i) => tf.add(tf.mul(trace, 0.9), worst[i] as tf.Tensor));
  const minus = tf.neg(rate) as tf.Scalar;
  return { params: named(treeAddScaled(leaves, minus, next)), momentum: next, rate: tf.mul(rate, 0.99) as tf.Scalar };
};
const start = (seed: number): Step => ({
  params: paramsOf(seed),
  momentum: Object.values(paramsOf(seed)).map((leaf) => tf.zerosLike(leaf)),
  rate: tf.scalar(0.1),
});
const batch = (size: number, seed: number) =>
  [
    of([size, 6, 6, 2], seed) as tf.Tensor4D,
    tf.tensor1d(Array.from({ length: size }, (_, i) => (i + seed) % 3)),
  ] as const;

/** Bytes that the backend holds, those that wait included. */
const allocated = (): number => Number(Object(tf.memory()).numBytesAllocated);

describe('a captured function', () => {
  test.prop([seeds], { numRuns: 5 })('computes the steps of SAM bit by bit as the function does', (seed) => {
    tf.tidy(() => {
      const captured = capture(step);
      let [a, b] = [start(seed), start(seed)];
      for (let i = 0; i < 10; i++) {
        const [x, y] = batch(5, seed + 10 * i);
        a = step(a, x, y);
        b = captured(b, x, y);
        expect(bits(b)).toEqual(bits(a));
      }
      expect(captured.recordings).toBe(1);
      captured.dispose();
    });
  });

  it('records every combination of shapes, types and plain values once', () => {
    tf.tidy(() => {
      const scaled = capture((x: tf.Tensor, { twice }: { twice: boolean }) => (twice ? tf.add(x, x) : tf.neg(x)));
      const inputs = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 2], 'int32'), tf.tensor2d([[1, 2]])];
      for (let round = 1; round <= 3; round++) {
        for (const x of inputs) {
          expect(bits(scaled(x, { twice: true }))).toEqual(bits(tf.add(x, x)));
          expect(bits(scaled(x, { twice: false }))).toEqual(bits(tf.neg(x)));
        }
        expect(scaled.recordings).toBe(round === 1 ? 0 : 8);
      }
      scaled.dispose();
    });
  });

  it('gives inputs, constants and one tensor in two places as tensors of the caller', () => {
    const outside = tf.tensor1d([7, 8]);
    const captured = capture((x: tf.Tensor) => {
      const sum = tf.add(x, outside);
      return { x, flat: tf.reshape(x, [2, 1]), outside, five: tf.scalar(5), sum, again: sum, none: null, name: 'sum' };
    });
    for (let i = 0; i < 4; i++) {
      const x = tf.tensor1d([i, 2 * i]);
      const result = captured(x);
      x.dispose();
      expect(Array.from(result.sum.dataSync())).toEqual([7 + i, 8 + 2 * i]);
      result.sum.dispose();
      expect(Array.from(result.again.dataSync())).toEqual([7 + i, 8 + 2 * i]);
      expect(result.flat.shape).toEqual([2, 1]);
      expect([...result.x.dataSync(), ...result.flat.dataSync()]).toEqual([i, 2 * i, i, 2 * i]);
      expect([...result.outside.dataSync(), ...result.five.dataSync()]).toEqual([7, 8, 5]);
      expect([result.none, result.name]).toEqual([null, 'sum']);
      tf.dispose(result as never);
    }
    captured.dispose();
    expect(Array.from(outside.dataSync())).toEqual([7, 8]);
    outside.dispose();
  });

  it('leaves no tensor and no memory behind in a thousand replays', () => {
    const captured = capture(step);
    let state = start(3);
    const [x, y] = batch(4, 1);
    const turn = () => {
      const next = captured(state, x, y);
      tf.dispose(state);
      state = next;
    };
    for (let i = 0; i < 3; i++) turn();
    const before = tf.memory();
    for (let i = 0; i < 1000; i++) turn();
    const after = tf.memory();
    expect([after.numTensors, after.numDataBuffers, after.numBytes]).toEqual([
      before.numTensors,
      before.numDataBuffers,
      before.numBytes,
    ]);
    const held = allocated();
    captured.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before.numTensors);
    expect(allocated()).toBeLessThanOrEqual(held);
    tf.dispose([state, x, y]);
  });

  it('keeps no memory that the function took before it was captured', () => {
    const x = tf.ones([512, 512]);
    const deep = (at: tf.Tensor) => {
      const all = Array.from({ length: 10 }, (_, i) => tf.mul(at, i));
      return tf.sum(tf.addN(all));
    };
    const captured = capture(deep);
    const waiting = (): number => Number(Object(tf.memory()).numBytesInPool);
    captured(x).dispose();
    expect(waiting()).toBeGreaterThan(10 * x.size * 4);
    captured(x).dispose();
    expect(waiting()).toBeLessThan(2 * x.size * 4);
    captured.dispose();
    x.dispose();
  });

  it('runs the function as it is inside of a gradient and of another captured function', () => {
    tf.tidy(() => {
      const square = capture((x: tf.Tensor) => tf.square(x));
      const outer = capture((x: tf.Tensor) => tf.sum(square(tf.neg(x))));
      for (let i = 0; i < 3; i++) {
        const x = tf.tensor1d([i, 3]);
        expect(
          Array.from(
            tf
              .grad((at) => tf.sum(square(at)))(x)
              .dataSync(),
          ),
        ).toEqual([2 * i, 6]);
        expect(outer(x).dataSync()[0]).toBe(i * i + 9);
      }
      expect([square.recordings, outer.recordings]).toEqual([0, 1]);
    });
  });
});
