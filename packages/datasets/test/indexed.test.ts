import { fc, test as law } from '@fast-check/vitest';
import '@tensorflow/tfjs';
import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import {
  type AnySplit,
  type BatchOptions,
  type ByteAugmentation,
  basicAugmentation,
  batches,
  holdOut,
  type IndexedImages,
  type IndexedSplit,
  isIndexed,
  normalizations,
  type Split,
  slice,
  symmetricLabelNoise,
} from '../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const shape = [6, 6, 1] as const;
const size = 36;
const splitOf = (count: number): Split => ({
  images: Uint8Array.from({ length: count * size }, (_, i) => (i * 37 + (i >> 5) * 11) % 251),
  labels: Uint16Array.from({ length: count }, (_, i) => 300 + (i % 5)),
  shape,
  normalization: normalizations.mnist,
});

/** The same images, read one by one: every other one at once, the others later. */
const indexed = (split: Split, images: Partial<IndexedImages> = {}): IndexedSplit => ({
  ...split,
  places: Uint32Array.from({ length: split.labels.length }, (_, i) => i),
  images: {
    count: split.labels.length,
    example: (i) => {
      const image = { pixels: split.images.slice(i * size, (i + 1) * size), shape };
      return i % 2 === 0 ? image : Promise.resolve(image);
    },
    ...images,
  },
});

async function seen(split: AnySplit, options: BatchOptions): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const { images, labels } of batches(split, options)) {
    all.push(`${images.shape} ${labels.dtype} ${labels.dataSync().join()}: ${images.dataSync().join()}`);
    tf.dispose([images, labels]);
  }
  return all;
}

const invert: ByteAugmentation = (_, { pixels, shape }) => ({ pixels: pixels.map((x) => 255 - x), shape });

law.prop(
  [
    fc.record({
      batchSize: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
      epoch: fc.nat(3),
      shuffle: fc.boolean(),
      dropRemainder: fc.boolean(),
      skip: fc.nat(4),
      prefetch: fc.nat(4),
    }),
    fc.nat(25),
  ],
  { numRuns: 25, seed: 14 },
)('Images that are read one by one come in the batches of the same images in memory', async (options, count) => {
  const all = { ...options, augment: basicAugmentation(), augmentBytes: invert };
  const split = { ...splitOf(count), shape: [6, 6, 1] as const };
  expect(await seen(indexed(split), all)).toEqual(await seen(split, all));
});

test('Parts of them are those of the same images in memory, and no image is read for that', async () => {
  const split = splitOf(40);
  const unread = indexed(split, {
    example: () => {
      throw new Error('read');
    },
  });
  const options = { batchSize: 8 };
  const whole = indexed(split);
  for (const [start, end] of [[0], [-7], [3, 20], [-9, -2]] as const) {
    expect(slice(unread, start, end).labels).toEqual(slice(split, start, end).labels);
    expect(await seen(slice(whole, start, end), options)).toEqual(await seen(slice(split, start, end), options));
  }
  holdOut(key(2), unread, 0.3);
  const [rest, held] = holdOut(key(2), whole, 0.3);
  const [restInMemory, heldInMemory] = holdOut(key(2), split, 0.3);
  expect(await seen(rest, options)).toEqual(await seen(restInMemory, options));
  expect(await seen(slice(held, 2), options)).toEqual(await seen(slice(heldInMemory, 2), options));
  expect(isIndexed(held)).toBe(true);
  const small = { ...split, labels: Uint8Array.from(split.labels, (label) => label - 300) };
  const noisy = symmetricLabelNoise(key(3), indexed(small), 0.4, 5);
  expect(noisy.labels).toEqual(symmetricLabelNoise(key(3), small, 0.4, 5).labels);
  expect(isIndexed(noisy)).toBe(true);
});

test('Labels keep their width: 300 classes are no bytes', () => {
  const [rest] = holdOut(key(0), splitOf(20), 0.5);
  expect(rest.labels).toBeInstanceOf(Uint16Array);
  expect(Math.min(...rest.labels)).toBe(300);
  const wide = { ...splitOf(4), labels: Int32Array.of(70_000, 1, 70_000, 1) };
  expect(holdOut(key(0), wide, 0.5)[1].labels).toBeInstanceOf(Int32Array);
});

test('The next batches are under way before one is handed over, and no more of them than asked for', async () => {
  const asked: number[] = [];
  const split = splitOf(20);
  const counted = indexed(split, {
    example: (i) => {
      asked.push(i);
      return { pixels: split.images.slice(i * size, (i + 1) * size), shape };
    },
  });
  for await (const { images, labels } of batches(counted, { batchSize: 2, prefetch: 3 })) {
    tf.dispose([images, labels]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    break;
  }
  expect([...asked].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('A broken image is raised when its batch comes, the loop leaves no tensor and closes what it opened', async () => {
  const before = tf.memory().numTensors;
  const split = splitOf(12);
  let closed = 0;
  const failing = indexed(split, {
    open: () => ({
      read: async (places) => {
        if (places.includes(7)) throw new Error('image 7 is broken');
        return new Float32Array(places.length * size);
      },
      close: () => {
        closed += 1;
      },
    }),
  });
  const labels: number[] = [];
  const loop = async () => {
    for await (const batch of batches(failing, { batchSize: 2, prefetch: 5 })) {
      labels.push(...batch.labels.dataSync());
      tf.dispose([batch.images, batch.labels]);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  await expect(loop()).rejects.toThrow('image 7 is broken');
  expect(labels).toEqual([300, 301, 302, 303, 304, 300]);
  for await (const batch of batches(failing, { batchSize: 2 })) {
    tf.dispose([batch.images, batch.labels]);
    break;
  }
  expect(closed).toBe(2);
  expect(tf.memory().numTensors).toBe(before);
});

test('An abortion ends the wait for a batch that never comes', async () => {
  const controller = new AbortController();
  const stuck = indexed(splitOf(4), { example: () => new Promise(() => undefined) });
  const loop = seen(stuck, { batchSize: 2, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 5);
  await expect(loop).rejects.toThrow('enough');
});

test('What does not fit together is refused before the loop begins', async () => {
  const split = indexed(splitOf(4));
  const of = (change: Partial<IndexedSplit>) => () => batches({ ...split, ...change }, { batchSize: 2 });
  expect(of({ labels: new Uint8Array(5) })).toThrow('got 4 images and 5 labels');
  expect(of({ places: Uint32Array.of(0, 1, 2, 4) })).toThrow('lie below the 4 of its images');
  expect(of({ normalization: normalizations.cifar10 })).toThrow('got 3');
  const other = indexed(splitOf(4), { example: () => ({ pixels: new Uint8Array(8), shape: [2, 4, 1] }) });
  await expect(seen(other, { batchSize: 2 })).rejects.toThrow('has 6 x 6 x 1 bytes, got 2 x 4 x 1');
});
