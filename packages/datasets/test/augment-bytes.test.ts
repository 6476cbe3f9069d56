import '@tensorflow/tfjs';
import { bits, key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Augmentation,
  type BatchOptions,
  type ByteAugmentation,
  basicAugmentation,
  batches,
  compose,
  cutout,
  horizontalFlip,
  type Split,
} from '../src/index.ts';
import { rebuildAugmentation } from '../src/rebuild.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const split = (): Split => ({
  images: Uint8Array.from({ length: 6 * 12 }, (_, i) => i),
  labels: Uint8Array.of(0, 1, 2, 3, 4, 5),
  shape: [2, 2, 3],
  normalization: { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
});

/** Images by label, in the units of bytes. */
async function seen(given: Split, options: Partial<BatchOptions>): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { images, labels } of batches(given, { batchSize: 4, ...options })) {
    const pixels = await images.data();
    for (const [i, label] of (await labels.data()).entries())
      found[label] = [...pixels.subarray(i * 12, (i + 1) * 12)].map(Math.round);
    tf.dispose([images, labels]);
  }
  return found;
}

/** Adds a random byte to each, in place: the worst that a function of somebody else can do. */
const noisy: ByteAugmentation = (k, image) => {
  const [word = 0] = bits(k, 1);
  for (let i = 0; i < image.pixels.length; i += 1) image.pixels[i] = (image.pixels[i] as number) + (word % 100);
  return image;
};

describe('augmentBytes', () => {
  test('changes bytes before they are normalized, and never those of the split', async () => {
    const given = split();
    const inverted = await seen(given, {
      augmentBytes: (_, { pixels, shape }) => ({ pixels: pixels.map((x) => 255 - x), shape }),
    });
    expect(inverted.flat()).toEqual([...given.images].map((x) => 255 - x));
    await seen(given, { augmentBytes: noisy });
    expect(given.images).toEqual(split().images);
  });

  test('gives an example the same bytes whatever the batch it is in, and others in the next epoch', async () => {
    const one = await seen(split(), { augmentBytes: noisy, seed: 3, shuffle: true });
    expect(await seen(split(), { augmentBytes: noisy, seed: 3, batchSize: 1 })).toEqual(one);
    expect(await seen(split(), { augmentBytes: noisy, seed: 3, epoch: 1 })).not.toEqual(one);
  });

  test('comes before augment, whose keys it leaves as they were and does not share', async () => {
    const keys = (augmentBytes?: ByteAugmentation) => {
      const drawn: string[] = [];
      const augment: Augmentation = (k, image) => {
        drawn.push(JSON.stringify(k));
        return image;
      };
      return seen(split(), { augment, ...(augmentBytes && { augmentBytes }) }).then(() => drawn);
    };
    const bytes: string[] = [];
    const without = await keys();
    const spied = await keys((k, image) => {
      bytes.push(JSON.stringify(k));
      return image;
    });
    expect(spied).toEqual(without);
    expect(new Set([...bytes, ...without]).size).toBe(12);
    const order: string[] = [];
    await seen(split(), {
      augmentBytes: (_, image) => {
        order.push('bytes');
        return image;
      },
      augment: (_, image) => {
        order.push('numbers');
        return image;
      },
      prefetch: 0,
      batchSize: 6,
    });
    expect(order.slice(0, 2)).toEqual(['bytes', 'numbers']);
  });

  test('refuses an image of another size, numbers in the place of bytes, and what is no function', async () => {
    const run = (augmentBytes: unknown) => seen(split(), { augmentBytes: augmentBytes as ByteAugmentation });
    await expect(
      run((_: unknown, { shape }: { shape: unknown }) => ({ pixels: new Uint8Array(3), shape })),
    ).rejects.toThrow('An augmentation keeps the size of an image: 12 numbers, got 3.');
    await expect(run(() => ({ pixels: new Float32Array(12), shape: [2, 2, 3] }))).rejects.toThrow(
      'An augmentation of a Uint8Array gives one, got a Float32Array.',
    );
    await expect(run('autoAugment')).rejects.toThrow('augmentBytes must be a function, got "autoAugment".');
  });
});

describe('A description', () => {
  const image = { pixels: Float32Array.from({ length: 48 }, (_, i) => i), shape: [4, 4, 3] } as const;

  test('goes through JSON and makes the same augmentation anew', () => {
    const given = compose(horizontalFlip(0.5), compose(cutout(2)), basicAugmentation());
    const big = { pixels: Float32Array.from({ length: 300 }, (_, i) => i), shape: [10, 10, 3] } as const;
    const again = rebuildAugmentation(JSON.parse(JSON.stringify(given.description)));
    for (let i = 0; i < 20; i += 1) expect(again(key(i), big)).toEqual(given(key(i), big));
    expect(again.description).toEqual(given.description);
  });

  test('is missing where a link is a function of somebody else', () => {
    const own: Augmentation = (_, given) => given;
    expect(compose(cutout(2), own).description).toBeUndefined();
    expect(compose(cutout(2), own)(key(0), image).shape).toEqual(image.shape);
  });

  test('of something that there is not is refused by name', () => {
    expect(() => rebuildAugmentation({ name: 'magic', args: [] })).toThrow(
      'An augmentation must be "cutout" or "horizontalFlip" or "randomErasing" or "reflectCrop", got "magic".',
    );
  });
});
