import { packingBackend } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { capture, registerNative } from '../src/index.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

const packing = () => {
  const found = packingBackend();
  if (found === undefined) throw new Error('native packs');
  return found;
};

/** Lengths of leaves, some of several blocks of the C code, and some of none. */
const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 16_380, max: 16_390 })), {
  maxLength: 6,
});
const factors = fc.constantFrom(1, 0, -0.5, 1 / 3, 1e-38, 3e38);
const value = (i: number): number => Math.fround(Math.sin(i) * 10 ** ((i % 70) - 35));

const bytes = (numbers: ArrayLike<number>): string => Buffer.from(Float32Array.from(numbers).buffer).toString('latin1');

test('many tensors lie in an array one behind the other, each times the factor, as tf.mul makes it, and come back', () => {
  fc.assert(
    fc.property(lengths, factors, (sizes, factor) => {
      const before = tf.memory().numTensors;
      const leaves = sizes.map((size, j) => tf.tensor1d(Float32Array.from({ length: size }, (_, i) => value(i + j))));
      const length = sizes.reduce((sum, size) => sum + size, 0);
      // A part of a longer array, of which the rest stays.
      const whole = new Float32Array(length + 9).fill(7);
      const largest = packing().pack(leaves, factor, whole.subarray(4, length + 4));
      const [products, all] = tf.tidy(() => [
        leaves.flatMap((leaf) => [...tf.mul(leaf, tf.scalar(factor)).dataSync()]),
        leaves.flatMap((leaf) => [...leaf.dataSync()]),
      ]);
      // Compared as bytes: thousands of numbers take expect seconds.
      expect(bytes(whole)).toBe(bytes([7, 7, 7, 7, ...products, 7, 7, 7, 7, 7]));
      expect(largest).toBe(all.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
      const back = packing().unpack(
        whole.subarray(4),
        sizes.map((size) => [1, size]),
      );
      expect(back.map(({ shape }) => shape)).toEqual(sizes.map((size) => [1, size]));
      expect(bytes(back.flatMap((leaf) => [...leaf.dataSync()]))).toBe(bytes(products));
      tf.dispose([leaves, back]);
      expect(tf.memory().numTensors).toBe(before);
    }),
    { seed: 3, numRuns: 25 },
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'the largest magnitude shows %d, wherever it is and whatever the factor',
  (odd) => {
    for (const [leaf, place] of [
      [0, 0],
      [1, 16_389],
      [2, 3],
    ] as const) {
      const numbers = [5, 16_390, 4].map((size) => new Float32Array(size).fill(2));
      (numbers[leaf] as Float32Array)[place] = odd;
      const leaves = numbers.map((each) => tf.tensor1d(each));
      expect(packing().pack(leaves, 0, new Float32Array(16_399))).toBe(Math.abs(odd));
      tf.dispose(leaves);
    }
  },
);

test('what cannot be packed is refused in one line, and nothing is left', () => {
  const before = tf.memory().numTensors;
  const [floats, whole, gone] = [tf.ones([3]), tf.ones([2], 'int32'), tf.ones([2])];
  gone.dispose();
  const refused = (use: () => unknown) => (message: string) => expect(use).toThrow(message);
  refused(() => packing().pack([floats, whole], 1, new Float32Array(5)))('tensor 1 must be float32, got int32.');
  refused(() => packing().pack([floats], 1, new Float32Array(2)))('floats must be of at least 3 numbers, got 2.');
  refused(() => packing().pack([floats], 1, [1] as never))('floats must be a Float32Array, got [1].');
  refused(() => packing().pack([gone], 1, new Float32Array(2)))('A tensor is used after it was disposed.');
  refused(() => packing().unpack(new Float32Array(2), [[1], [2]]))('floats must be of at least 3 numbers, got 2.');
  refused(() => packing().unpack(new Float32Array(2), [[1], [-1]]))('of whole numbers from 0');
  tf.dispose([floats, whole]);
  expect(tf.memory().numTensors).toBe(before);
});

test('a captured function that packs is refused by name: its values are not there while it is recorded', () => {
  const packed = capture((x: tf.Tensor) => {
    const floats = new Float32Array(2);
    packing().pack([tf.square(x)], 1, floats);
    return tf.tensor1d(floats);
  });
  const x = tf.tensor1d([1, 2]);
  tf.dispose(packed(x));
  expect(() => packed(x)).toThrow('reads values back to the host');
  packed.dispose();
  x.dispose();
});
