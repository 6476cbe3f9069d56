import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { withResiduals } from '../../../src/capture/passes/residuals.ts';
import type { Buffer, Call, Place } from '../../../src/capture/recording.ts';
import { capture, trainingBatchNorm } from '../../../src/index.ts';
import type { FunctionName } from '../../../src/library.ts';
import { floats, seeds } from '../../support/arbitraries.ts';
import { nativeBackends } from '../../support/backends.ts';

const dense: Buffer = { kind: 'numbers', bytes: 12, numbers: [16, 1, 1] };
const buffers: readonly Buffer[] = [...Array<Buffer>(20).fill({ kind: 'internal', bytes: 64 }), dense];
const at = (buffer: number): Place => ({ buffer, offset: 0 });
const call = (name: FunctionName, ...given: readonly (number | Place)[]): Call => ({
  name,
  arguments: given,
  kernel: { name, inputs: {}, attrs: {} },
});
const add = (a: number, b: number, y: number, op = 0): Call =>
  call('steppe_binary', op, 0, at(a), at(b), at(y), 1, at(20));
const places = (...list: readonly number[]): readonly Place[] => list.map(at);
/** Of 8 rows of 2 channels: scale and offset in 10 and 11, the statistics in 12 and 13. */
const norm = (x: number, y: number, rows = 8): Call =>
  call('steppe_norm_train', ...places(x, 10, 11, y, 12, 13), rows, 2, 1e-5, 1);
const grad = (x: number, dy: number, dx: number): Call =>
  call('steppe_norm_train_grad', ...places(x, dy, 12, 13, 10, 11, dx, 14, 15), 8, 2, 1e-5, 1);
/** Names and the buffers of arguments. */
const left = (calls: readonly Call[], kept: readonly number[] = []) =>
  withResiduals({ calls, buffers }, kept).calls.map(({ name, arguments: given }) => [
    name.replace(/steppe_(norm_train)?/, ''),
    ...given.flatMap((each) => (typeof each === 'object' && each.buffer < 20 ? [each.buffer] : [])),
  ]);

describe('with residuals', () => {
  it('a sum is made where it is normalized, also for those that read it later', () => {
    const merged = ['_add', 0, 1, 2, 10, 11, 3, 12, 13];
    expect(left([add(0, 1, 2), norm(2, 3)])).toEqual([merged]);
    expect(left([add(0, 1, 2), norm(4, 5), norm(2, 3), add(2, 3, 6)], [2])).toEqual([
      ['', 4, 10, 11, 5, 12, 13],
      merged,
      ['binary', 2, 3, 6],
    ]);
  });

  it('a gradient that came around a normalization is added to its own', () => {
    const merged = ['_grad_add', 0, 1, 12, 13, 10, 11, 3, 4, 14, 15];
    expect(left([grad(0, 1, 2), add(2, 3, 4)])).toEqual([merged]);
    expect(left([grad(0, 1, 2), add(3, 2, 4)])).toEqual([merged]);
    expect(left([grad(0, 1, 2), add(5, 5, 3), add(3, 2, 4)])).toEqual([['binary', 5, 5, 3], merged]);
  });

  it('all stays that is asked for in between or afterwards, has other sizes, or is no sum', () => {
    const same = (calls: readonly Call[], kept: readonly number[] = []) =>
      expect(withResiduals({ calls, buffers }, kept).calls).toEqual(calls);
    same([add(0, 1, 2), add(2, 2, 4), norm(2, 3)]);
    same([add(0, 1, 2), add(5, 6, 0), norm(2, 3)]);
    same([add(0, 1, 2), norm(2, 3, 4)]);
    same([add(0, 1, 2, 1), norm(2, 3)]);
    same([add(0, 1, 0), norm(0, 3)]);
    same([grad(0, 1, 2), add(2, 3, 4), add(2, 3, 5)]);
    same([grad(0, 1, 2), add(2, 3, 4)], [2]);
    same([grad(0, 1, 2), add(2, 2, 4)]);
    same([grad(0, 1, 2), add(14, 14, 6), add(2, 3, 4)]);
  });
});

const bitsOf = (tensors: readonly tf.Tensor[]) =>
  tensors.map((t) => new TextDecoder('latin1').decode(t.dataSync().slice().buffer));

describe.each(await nativeBackends())('on $name', ({ name }) => {
  test.prop([fc.constantFrom(1, 2, 16, 33), fc.constantFrom(1, 40, 2500), fc.boolean(), seeds], {
    numRuns: 10,
    seed: 3,
    examples: [[16, 2500, true, 1]],
  })('gradients of residual blocks have the bits of eager ones, fused or not', async (channels, rows, relu, seed) => {
    await tf.setBackend(name);
    tf.tidy(() => {
      const of = (shape: number[], more: number) => tf.tensor(floats(shape, seed + more).values, shape);
      const blocks = (x: tf.Tensor2D, ...w: tf.Tensor[]) => {
        let sum = x;
        for (let i = 0; i < w.length; i += 3) {
          const [matrix, scale, offset] = w.slice(i) as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
          const { y } = trainingBatchNorm(sum, scale, offset, { relu });
          sum = tf.add(sum, tf.matMul(y, matrix));
        }
        return tf.sum(
          tf.square(trainingBatchNorm(sum, w[1] as tf.Tensor1D, w[2] as tf.Tensor1D, { relu }).y),
        ) as tf.Scalar;
      };
      const gradient = tf.grads((...all: tf.Tensor[]) => blocks(...(all as [tf.Tensor2D, ...tf.Tensor[]])));
      const run = (given: tf.Tensor[]) => gradient(given);
      const given = (turn: number) => [
        of([rows, channels], turn),
        ...[0, 1, 2].flatMap((i) => [of([channels, channels], 5 + i + turn), of([channels], i), of([channels], 9 + i)]),
      ];
      for (const fuse of [true, false]) {
        const captured = capture(run, { fuse });
        for (let turn = 0; turn < 3; turn++) expect(bitsOf(captured(given(turn)))).toEqual(bitsOf(run(given(turn))));
        captured.dispose();
      }
    });
  });
});
