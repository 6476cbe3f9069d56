import { fc, test as law } from '@fast-check/vitest';
import '@tensorflow/tfjs';
import { foldIn, type Key, key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { onWasm } from '../../../../tools/vitest/wasm.ts';
import {
  type Augmentation,
  type BatchAugmentation,
  colorJitter,
  composeBatch,
  cropBatch,
  cutmix,
  cutout,
  cutoutBatch,
  erasingBatch,
  flipBatch,
  horizontalFlip,
  jitterBatch,
  mixup,
  type Normalization,
  normalizations,
  normalize,
  randomErasing,
  reflectCrop,
  type Shape,
} from '../../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const shape: Shape = [6, 5, 3];
const size = 90;
const pixelsOf = (count: number): Float32Array =>
  Float32Array.from({ length: count * size }, (_, i) => ((i * 37) % 101) / 50 - 1);

/** What an augmentation on the device makes of pixels, and how many tensors it leaves. */
function onDevice(augment: BatchAugmentation, k: Key, pixels: Float32Array): Float32Array {
  const images = tf.tensor4d(pixels, [pixels.length / size, ...shape]);
  const before = tf.memory().numTensors;
  const changed = augment(k, images);
  expect(tf.memory().numTensors).toBe(before + 1);
  const out = changed.dataSync() as Float32Array;
  expect(images.dataSync()).toEqual(pixels);
  tf.dispose([images, changed]);
  return out;
}

const onHost = (augment: Augmentation, k: Key, pixels: Float32Array): Float32Array => {
  const out = new Float32Array(pixels.length);
  for (let i = 0; i * size < pixels.length; i += 1)
    out.set(augment(foldIn(k, i), { pixels: pixels.slice(i * size, (i + 1) * size), shape }).pixels, i * size);
  return out;
};

const pairs: readonly [string, BatchAugmentation, Augmentation][] = [
  ['flipBatch', flipBatch(), horizontalFlip()],
  ['cropBatch', cropBatch(3), reflectCrop(3)],
  ['cutoutBatch', cutoutBatch(3), cutout(3)],
  ['erasingBatch', erasingBatch({ value: -4 }), randomErasing({ value: -4 })],
  ['erasingBatch with noise', erasingBatch({ value: 'random' }), randomErasing({ value: 'random' })],
];

describe.each(pairs)('%s', (_, batch, single) => {
  law.prop([fc.nat().map(key), fc.integer({ min: 1, max: 5 })], { numRuns: 20 })(
    'does on the device what its namesake does on the host, image by image',
    (k, count) => {
      const pixels = pixelsOf(count);
      // Adding 0 turns the -0 of a blanked negative number into 0.
      expect(onDevice(batch, k, pixels).map((x) => x + 0)).toEqual(onHost(single, k, pixels));
    },
  );
});

describe('jitterBatch', () => {
  const normalization = normalizations.cifar10;
  const options = { brightness: 0.4, contrast: 0.3, saturation: 0.5 };

  /** The images in the range of bytes. */
  const asBytes = (pixels: Float32Array, { mean, std }: Normalization): number[] =>
    [...pixels].map((x, i) => 255 * (x * std[i % 3]! + mean[i % 3]!));

  test.each(Object.entries(options))('changes %s as colorJitter does, but for rounding to bytes', (name, range) => {
    const bytes = Uint8Array.from({ length: 4 * size }, (_, i) => (i * 89) % 256);
    const device = onDevice(jitterBatch(normalization, { [name]: range }), key(5), normalize(normalization)(bytes));
    const host = [0, 1, 2, 3].flatMap((i) => [
      ...colorJitter({ [name]: range })(foldIn(key(5), i), { pixels: bytes.slice(i * size, (i + 1) * size), shape })
        .pixels,
    ]);
    const off = asBytes(device, normalization).map((x, i) => Math.abs(x - host[i]!));
    expect(Math.max(...off)).toBeLessThan(2);
    expect(host).not.toEqual([...bytes]);
  });

  test('stays within what bytes can be, and differs from key to key', () => {
    const pixels = pixelsOf(1);
    const jitter = jitterBatch(normalization, { brightness: 2, contrast: 2 });
    const clipped = Array.from({ length: 12 }, (_, i) => asBytes(onDevice(jitter, key(i), pixels), normalization));
    for (const bytes of clipped) expect(bytes.every((x) => x > -0.01 && x < 255.01)).toBe(true);
    expect(new Set(clipped.map((bytes) => bytes.map(Math.round).join())).size).toBe(12);
  });

  test('refuses what it cannot do', () => {
    expect(() => jitterBatch(normalization, { hue: 0.1 } as object)).toThrow('jitterBatch has no option "hue"');
    expect(() => jitterBatch(normalizations.mnist, { brightness: 1 })(key(0), tf.ones([1, 2, 2, 3]))).toThrow(
      'jitterBatch takes images of 1 or 3 channels, as normalized, got 3 of 1.',
    );
  });
});

const all: BatchAugmentation = composeBatch(
  flipBatch(),
  cropBatch(2),
  jitterBatch(normalizations.cifar10, { brightness: 0.4, contrast: 0.3, saturation: 0.5 }),
  erasingBatch(),
  cutoutBatch(2),
);

test('composeBatch leaves nothing on the device, and composed of nothing gives a copy', () => {
  const pixels = pixelsOf(3);
  expect(onDevice(all, key(1), pixels)).toEqual(onDevice(all, key(1), pixels));
  expect(onDevice(composeBatch(), key(1), pixels)).toEqual(pixels);
  expect(onDevice(composeBatch(flipBatch(1), flipBatch(1)), key(1), pixels)).toEqual(pixels);
});

describe('mixup and cutmix', () => {
  const images = Float32Array.from({ length: 4 * 48 }, (_, i) => 10 * Math.floor(i / 48) + (i % 48) / 100);
  const numbers = [2, 0, 1, 2];
  const hard = () => tf.tensor1d(numbers, 'int32');
  const mixed = (mix: typeof mixup, k: Key, labels: tf.Tensor, options: object = {}) => {
    const given = tf.tensor4d(images, [4, 4, 4, 3]);
    const before = tf.memory().numTensors;
    const out = mix(k, { images: given, labels }, { classes: 3, ...options });
    expect(tf.memory().numTensors).toBe(before + 2);
    expect([out.images.shape, out.labels.shape, out.labels.dtype]).toEqual([[4, 4, 4, 3], [4, 3], 'float32']);
    const [pixels, shares] = [out.images.dataSync(), out.labels.arraySync()];
    tf.dispose([given, labels, out.images, out.labels]);
    return { pixels, shares };
  };

  law.prop([fc.nat().map(key)], { numRuns: 30 })(
    'mixup takes λ of an image and its label, 1 - λ of its partner',
    (k) => {
      const { pixels, shares } = mixed(mixup, k, hard());
      const found = numbers.map((_, i) =>
        numbers.map((__, j) => {
          // The mean of an image says where it lies between two, 10 apart.
          const at = (pixels[i * 48]! - 10 * i) / (10 * (j - i));
          return { j, lambda: i === j ? 1 : 1 - at };
        }),
      );
      // One λ fits all: that of an image that has another one as its partner.
      for (const [i, label] of numbers.entries()) {
        const fits = found[i]!.some(({ j, lambda }) => {
          const expected = [0, 1, 2].map((c) => (label === c ? lambda : 0) + (numbers[j] === c ? 1 - lambda : 0));
          return (
            lambda >= -1e-5 &&
            lambda <= 1 + 1e-5 &&
            expected.every((share, c) => Math.abs(share - shares[i]![c]!) < 1e-5)
          );
        });
        expect(fits).toBe(true);
      }
    },
  );

  law.prop([fc.nat().map(key)], { numRuns: 30 })('cutmix puts one rectangle in, and labels tell its area', (k) => {
    const { pixels, shares } = mixed(cutmix, k, hard());
    for (const [i, label] of numbers.entries()) {
      const own = pixels.subarray(i * 48, (i + 1) * 48);
      const origin = [...own].map((x) => Math.floor(x / 10 + 1e-4));
      const partner = origin.find((from) => from !== i) ?? i;
      expect(origin.every((from) => from === i || from === partner)).toBe(true);
      expect([...own].every((x, at) => Math.abs(x - 10 * origin[at]! - at / 100) < 1e-4)).toBe(true);
      const share = origin.filter((from) => from !== i).length / 48;
      const rows = [...origin.keys()].filter((at) => origin[at] !== i).map((at) => Math.floor(at / 12));
      const columns = [...origin.keys()].filter((at) => origin[at] !== i).map((at) => Math.floor(at / 3) % 4);
      expect(new Set(rows).size * new Set(columns).size).toBe(share * 16);
      if (partner === i) continue;
      for (const c of [0, 1, 2])
        expect(shares[i]![c]!).toBeCloseTo((label === c ? 1 - share : 0) + (numbers[partner] === c ? share : 0), 5);
    }
  });

  test('take distributions as labels too, so that one mixes what the other has mixed', () => {
    const soft = [
      [0.5, 0.5, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ];
    for (const mix of [mixup, cutmix])
      for (const row of mixed(mix, key(2), tf.tensor2d(soft)).shares)
        expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  test('mix little with a small α, and half with a large one', () => {
    const most = (alpha: number) => {
      const tops = Array.from({ length: 40 }, (_, i) =>
        Math.max(...mixed(mixup, key(i), hard(), { alpha, classes: 3 }).shares[1]!),
      );
      return tops.reduce((sum, x) => sum + x, 0) / 40;
    };
    expect(most(0.01)).toBeGreaterThan(0.97);
    // One partner in four is the image itself, with all of its label.
    expect(most(1000)).toBeLessThan(0.75);
  });

  test.each<[string, tf.TensorLike, 'int32' | 'float32', object]>([
    ['mixup takes labels int32 [4] or float32 [4,3], got int32 [3].', [0, 1, 2], 'int32', {}],
    ['mixup takes labels int32 [4] or float32 [4,3], got float32 [4].', [0, 1, 2, 0], 'float32', {}],
    ['alpha must be a finite number above 0, got 0.', [0, 1, 2, 0], 'int32', { alpha: 0 }],
    ['classes must be a whole number of at least 2, got 1.', [0, 1, 2, 0], 'int32', { classes: 1 }],
    ['mixup has no option "lambda": it takes classes, alpha.', [0, 1, 2, 0], 'int32', { lambda: 1 }],
  ])('refuse: %s', (message, labels, dtype, options) => {
    const batch = { images: tf.ones<tf.Rank.R4>([4, 2, 2, 3]), labels: tf.tensor(labels, undefined, dtype) };
    expect(() => mixup(key(0), batch, { classes: 3, ...options })).toThrow(message);
    tf.dispose(batch);
  });
});

test('a class number out of range is NaN, as it is to the losses', () => {
  const given = { images: tf.ones<tf.Rank.R4>([2, 2, 2, 3]), labels: tf.tensor1d([1, 9], 'int32') };
  for (const mix of [mixup, cutmix]) {
    const { images, labels } = mix(key(1), given, { classes: 3 });
    expect(labels.dataSync().some(Number.isNaN)).toBe(true);
    tf.dispose([images, labels]);
  }
  tf.dispose(given);
});

test.each([flipBatch(), cropBatch(1), cutoutBatch(2), erasingBatch()])(
  'images of another rank are refused',
  (augment) => {
    const one: tf.Tensor = tf.ones([8, 8, 3]);
    expect(() => augment(key(0), one as tf.Tensor4D)).toThrow(
      'Images must be a float32 tensor [batch, height, width, channels], got float32 [8,8,3].',
    );
    one.dispose();
  },
);

test('WASM gives what the CPU gives', async () => {
  const pixels = pixelsOf(4);
  const run = () => {
    const given = { images: tf.tensor4d(pixels, [4, ...shape]), labels: tf.tensor1d([0, 1, 2, 0], 'int32') };
    const changed = all(key(8), given.images);
    const outs = [mixup, cutmix].map((mix) => mix(key(3), given, { classes: 3 }));
    const tensors = [changed, ...outs.flatMap((out) => [out.images, out.labels])];
    const numbers = tensors.flatMap((tensor) => [...tensor.dataSync()]);
    tf.dispose([given, tensors]);
    return numbers;
  };
  const cpu = run();
  const wasm = await onWasm(run);
  expect(Math.max(...wasm.map((x, i) => Math.abs(x - cpu[i]!)))).toBeLessThan(1e-5);
});
