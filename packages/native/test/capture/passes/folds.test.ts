import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { withFolds } from '../../../src/capture/passes/folds.ts';
import type { Buffer, Call, Place } from '../../../src/capture/recording.ts';
import { capture, trainingBatchNorm } from '../../../src/index.ts';
import type { FunctionName } from '../../../src/library.ts';
import { floats, seeds } from '../../support/arbitraries.ts';
import { nativeBackends } from '../../support/backends.ts';

const window = (channels: number, precision = 0): Buffer => ({
  kind: 'numbers',
  bytes: 64,
  numbers: [1, 2, 2, channels, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1, precision],
});
const at = (buffer: number): Place => ({ buffer, offset: 0 });
const places = (...list: readonly number[]): readonly Place[] => list.map(at);
/** Windows in 20 to 22; a fusion with a bias and relu in 23, one that changes what is read in 24. */
const buffers: readonly Buffer[] = [
  ...Array<Buffer>(20).fill({ kind: 'internal', bytes: 32 }),
  ...[window(2), window(3), window(2, 2)],
  { kind: 'table', bytes: 40, words: [0, 0, at(9), 0, 2 ** 32] },
  { kind: 'table', bytes: 40, words: [at(9), at(9), 0, 0, 0] },
];
const call = (name: FunctionName, ...given: readonly (number | Place)[]): Call => ({
  name,
  arguments: given,
  kernel: { name, inputs: {}, attrs: {} },
});
/** Of 4 rows of 2 channels: scale and offset in 10 and 11, the statistics in 12 and 13. */
const norm = (x: number, y: number): Call => call('steppe_norm_train', ...places(x, 10, 11, y, 12, 13), 4, 2, 1e-5, 1);
const conv = (x: number, y: number, shape = 20, fusion: number | Place = 0, w = 8): Call =>
  call('steppe_conv2d', ...places(x, w, y, shape), fusion, at(7));
const filterGradient = (x: number): Call => call('steppe_conv2d_filter_grad', ...places(x, 5, 6, 20), 0, at(7));
const textOf = (each: number | Place): number | string => (typeof each === 'number' ? each : `@${each.buffer}`);
const left = (calls: readonly Call[]) => {
  const made = withFolds({ calls, buffers }, []);
  const words = made.buffers.slice(buffers.length).map((each) => (each.kind === 'table' ? each.words.map(textOf) : 0));
  return { calls: made.calls.map(({ name, arguments: given }) => [name.slice(7), ...given.map(textOf)]), words };
};

describe('with folds', () => {
  it('convolutions and filter gradients read what would be normalized, and get its factors and shifts', () => {
    expect(left([norm(0, 1), conv(1, 2), filterGradient(1)])).toEqual({
      calls: [
        ['norm_moments', '@0', 0, 0, '@12', '@13', 4, 2],
        ['norm_terms', '@12', '@13', '@10', '@11', '@25', '@26', 2, 1e-5],
        ['conv2d', '@0', '@8', '@2', '@20', '@27', '@7'],
        ['conv2d_filter_grad', '@0', '@5', '@6', '@20', '@28', '@7'],
      ],
      words: [0, 0, ['@25', '@26', 0, 0, 1], ['@25', '@26', 0, 0, 1]],
    });
  });

  it('a sum is still made, and a bias stays', () => {
    const added = call('steppe_norm_train_add', ...places(0, 3, 4, 10, 11, 1, 12, 13), 4, 2, 1e-5, 0);
    expect(left([added, conv(1, 2, 20, at(23))])).toMatchObject({
      calls: [
        ['norm_moments', '@0', '@3', '@4', '@12', '@13', 4, 2],
        ['norm_terms', '@12', '@13', '@10', '@11', '@25', '@26', 2, 1e-5],
        ['conv2d', '@4', '@8', '@2', '@20', '@27', '@7'],
      ],
      words: [0, 0, ['@25', '@26', '@9', 0, 2 ** 32]],
    });
  });

  it('all stays where something else needs the images, or a convolution cannot change them', () => {
    const same = (calls: readonly Call[], kept: readonly number[] = []) =>
      expect(withFolds({ calls, buffers }, kept).calls).toEqual(calls);
    same([norm(0, 1), conv(1, 2)], [1]);
    same([norm(0, 1), conv(1, 2), norm(1, 3)]);
    same([norm(0, 1), conv(1, 2, 21)]);
    same([norm(0, 1), conv(1, 2, 22)]);
    same([norm(0, 1), conv(1, 2, 20, at(24))]);
    same([norm(0, 1), conv(1, 2, 20, 0, 1)]);
    same([norm(0, 1), norm(3, 0), conv(1, 2)]);
    same([conv(1, 2), norm(0, 1), conv(1, 3)]);
    same([norm(0, 1), norm(1, 3)]);
    same([norm(0, 1)]);
    same([call('steppe_norm_eval', ...places(0, 12, 13, 10, 11, 1), 4, 2, 1e-5, 1), conv(1, 2)]);
  });
});

const bitsOf = (tensors: readonly tf.Tensor[]) =>
  tensors.map((t) => new TextDecoder('latin1').decode(t.dataSync().slice().buffer));

describe.each(await nativeBackends())('on $name', ({ name }) => {
  const of = (shape: number[], seed: number) => tf.tensor(floats(shape, seed).values, shape);
  const weights = (c: number, o: number, seed: number): tf.Tensor[] => [
    of([3, 3, c, c], seed),
    of([3, 3, c, o], seed + 1),
    of([1, 1, c, o], seed + 2),
    of([c], seed + 3),
    of([c], seed + 4),
  ];

  test.prop([fc.constantFrom(1, 5, 16, 64), fc.constantFrom(3, 64, 80), fc.integer({ min: 4, max: 15 }), seeds], {
    numRuns: 8,
    seed: 5,
    examples: [[64, 64, 14, 1]],
  })('gradients of residual blocks have the bits of eager ones, folded or not', async (c, o, side, seed) => {
    await tf.setBackend(name);
    tf.tidy(() => {
      const block = (x: tf.Tensor4D, ...w: tf.Tensor[]) => {
        const [inner, outer, across, scale, offset] = w as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, ...tf.Tensor1D[]];
        const normalized = (t: tf.Tensor4D, relu: boolean) =>
          trainingBatchNorm(t, scale as tf.Tensor1D, offset as tf.Tensor1D, { relu }).y;
        const y = normalized(x, true);
        const z = normalized(tf.add(x, tf.conv2d(y, inner, 1, 'same')), false);
        const sum = tf.add(tf.conv2d(z, outer, 2, 'same'), tf.conv2d(z, across, 2, 'same'));
        return tf.sum(tf.square(sum)) as tf.Scalar;
      };
      const gradient = tf.grads((...all: tf.Tensor[]) => block(...(all as [tf.Tensor4D, ...tf.Tensor[]])));
      const run = (given: tf.Tensor[]) => gradient(given);
      for (const fuse of [true, false]) {
        const captured = capture(run, { fuse });
        for (let turn = 0; turn < 2; turn++) {
          const given = [of([2, side, side, c], seed + turn), ...weights(c, o, seed + 9 + turn)];
          expect(bitsOf(captured(given))).toEqual(bitsOf(run(given)));
        }
        captured.dispose();
      }
    });
  });
});
