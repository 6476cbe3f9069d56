import { fc, test as law } from '@fast-check/vitest';
import '@tensorflow/tfjs';
import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ahead } from '../src/ahead.ts';
import {
  type Batch,
  type BatchOptions,
  basicAugmentation,
  batchCount,
  batches,
  compose,
  cutout,
  normalizations,
  type Split,
  slice,
} from '../src/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Images that differ from each other and from their mirror images; the label is the example's number. */
const splitOf = (count: number): Split => ({
  images: Uint8Array.from({ length: count * 8 * 8 }, (_, i) => (i * 37 + (i >> 6) * 11) % 251),
  labels: Uint8Array.from({ length: count }, (_, i) => i),
  shape: [8, 8, 1],
  normalization: normalizations.mnist,
});
const augment = compose(basicAugmentation(), cutout(3));

type Seen = {
  readonly label: number;
  readonly pixels: string;
};

function take({ images, labels }: Batch): Seen[] {
  const [pixels, numbers] = [images.dataSync(), labels.dataSync()];
  tf.dispose([images, labels]);
  return [...numbers].map((label, i) => ({ label, pixels: pixels.subarray(i * 64, (i + 1) * 64).join() }));
}

async function examples(split: Split, options: BatchOptions): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const batch of batches(split, options)) seen.push(...take(batch));
  return seen;
}

const labelsOf = (seen: readonly Seen[]): number[] => seen.map(({ label }) => label);
const byLabel = (seen: readonly Seen[]): Seen[] => [...seen].sort((a, b) => a.label - b.label);

describe('batches', () => {
  test('are float32 images and int32 labels with the shapes that they promise', async () => {
    const shapes: unknown[] = [];
    for await (const { images, labels } of batches(splitOf(5), { batchSize: 3 })) {
      shapes.push([images.shape, images.dtype, labels.shape, labels.dtype]);
      tf.dispose([images, labels]);
    }
    expect(shapes).toEqual([
      [[3, 8, 8, 1], 'float32', [3], 'int32'],
      [[2, 8, 8, 1], 'float32', [2], 'int32'],
    ]);
  });

  test('without shuffling or augmenting are the normalized images in order', async () => {
    const split = splitOf(6);
    const seen = await examples(split, { batchSize: 4 });
    expect(labelsOf(seen)).toEqual([0, 1, 2, 3, 4, 5]);
    const expected = [...split.images].map((byte) => Math.fround((byte / 255 - 0.1307) / 0.3081));
    expect(seen.map(({ pixels }) => pixels).join()).toBe(expected.join());
  });

  law.prop([fc.nat(), fc.nat(5), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(4)], {
    numRuns: 20,
  })(
    'look the same for one seed and epoch, whatever the batch size and the prefetching are',
    async (seed, epoch, a, b, prefetch) => {
      const common = { seed, epoch, shuffle: true, augment };
      const one = await examples(splitOf(20), { ...common, batchSize: a });
      const other = await examples(splitOf(20), { ...common, batchSize: b, prefetch });
      expect(other).toEqual(one);
      expect([...labelsOf(one)].sort((x, y) => x - y)).toEqual([...Array(20).keys()]);
    },
  );

  test('look the same whether the consumer is slow or fast, and on a second iteration', async () => {
    const epoch = batches(splitOf(12), { batchSize: 2, seed: 4, shuffle: true, augment });
    const fast: Seen[] = [];
    for await (const batch of epoch) fast.push(...take(batch));
    const slow: Seen[] = [];
    for await (const batch of epoch) {
      slow.push(...take(batch));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(slow).toEqual(fast);
  });

  test('differ between seeds and between epochs, in order and in augmentation', async () => {
    const runs = await Promise.all(
      [{}, { seed: 1 }, { epoch: 1 }].map((o) => examples(splitOf(20), { batchSize: 5, shuffle: true, augment, ...o })),
    );
    expect(new Set(runs.map((run) => labelsOf(run).join())).size).toBe(3);
    expect(new Set(runs.map((run) => JSON.stringify(byLabel(run)))).size).toBe(3);
  });

  test('augment an example in the same way whether or not the order is shuffled', async () => {
    const common = { batchSize: 7, seed: 2, augment };
    const shuffled = await examples(splitOf(20), { ...common, shuffle: true });
    expect(byLabel(shuffled)).toEqual(await examples(splitOf(20), common));
  });

  test('take a key of @steppe/random for a seed', async () => {
    const common = { batchSize: 4, shuffle: true };
    expect(await examples(splitOf(9), { ...common, seed: key(7) })).toEqual(
      await examples(splitOf(9), { ...common, seed: 7 }),
    );
  });

  law.prop([fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.nat(4)], { numRuns: 25 })(
    'are as many as batchCount says; leaving out the remainder or the first ones leaves the others as they are',
    async (count, batchSize, dropRemainder, skip) => {
      const all: number[][] = [];
      for await (const batch of batches(splitOf(count), { batchSize, shuffle: true })) all.push(labelsOf(take(batch)));
      const some: number[][] = [];
      for await (const batch of batches(splitOf(count), { batchSize, shuffle: true, dropRemainder, skip }))
        some.push(labelsOf(take(batch)));
      const kept = batchCount(count, batchSize, dropRemainder);
      expect(some).toEqual(all.slice(0, kept).slice(skip));
    },
  );

  law.prop([fc.integer({ min: 4, max: 30 }), fc.integer({ min: 1, max: 4 }), fc.nat(1)], { numRuns: 15 })(
    'are, put together, what their rows are on several workers, augmentation included',
    async (count, batchSize, skip) => {
      const options = { batchSize, shuffle: true, dropRemainder: true, augment, skip };
      const [whole, parts]: [Seen[], Seen[]] = [[], []];
      for await (const batch of batches(splitOf(count), options)) whole.push(...take(batch));
      const cut = Math.ceil(batchSize / 2);
      const shares = [{ begin: 0, end: cut }, ...(cut < batchSize ? [{ begin: cut, end: batchSize }] : [])].map(
        (rows) => batches(splitOf(count), { ...options, rows })[Symbol.asyncIterator](),
      );
      for (let done = false; !done; )
        for (const share of shares) {
          const next = await share.next();
          if (next.done) done = true;
          else parts.push(...take(next.value));
        }
      expect(parts).toEqual(whole);
    },
  );

  test('leave no tensor behind after 60 epochs that were left in the middle', async () => {
    const before = tf.memory().numTensors;
    for (let epoch = 0; epoch < 60; epoch += 1)
      for await (const batch of batches(splitOf(12), { batchSize: 2, epoch, shuffle: true, augment })) {
        take(batch);
        if (epoch % 3 === 0) break;
        if (epoch % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
      }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('belong to whoever received them: leaving the loop disposes none', async () => {
    const before = tf.memory().numTensors;
    const held: Batch[] = [];
    for await (const batch of batches(splitOf(12), { batchSize: 2 })) {
      held.push(batch);
      if (held.length === 3) break;
    }
    expect(held.map(({ labels }) => [...labels.dataSync()])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(tf.memory().numTensors).toBe(before + 6);
    tf.dispose(held);
  });

  test('end with the reason of an abortion', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const loop = async () => {
      for await (const batch of batches(splitOf(12), { batchSize: 2, signal: controller.signal })) {
        seen.push(...labelsOf(take(batch)));
        if (seen.length === 4) controller.abort(new Error('enough'));
      }
    };
    await expect(loop()).rejects.toThrow('enough');
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('raise the error of an augmentation in the loop, where it can be caught, and leave no tensor', async () => {
    const before = tf.memory().numTensors;
    let calls = 0;
    const failing: NonNullable<BatchOptions['augment']> = (_, image) => {
      calls += 1;
      if (calls > 4) throw new Error('no such image');
      return image;
    };
    const loop = async () => {
      for await (const batch of batches(splitOf(12), { batchSize: 2, augment: failing })) {
        take(batch);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await expect(loop()).rejects.toThrow('no such image');
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [{ batchSize: 0 }, 'batchSize must be a whole number of at least 1, got 0.'],
    [{ batchSize: 2.5 }, 'got 2.5'],
    [{ batchSize: 2, epoch: -1 }, 'epoch must be a whole number of at least 0, got -1.'],
    [{ batchSize: 2, skip: Number.NaN }, 'skip must be a whole number of at least 0, got NaN.'],
    [{ batchSize: 2, prefetch: -2 }, 'prefetch must be'],
    [{ batchSize: 2, seed: 0.5 }, 'got 0.5'],
    [
      { batchSize: 2, dropRemainder: true, rows: { begin: 1, end: 1 } },
      'rows.end must be a whole number of at least 2',
    ],
    [{ batchSize: 2, dropRemainder: true, rows: { begin: 0, end: 3 } }, 'rows.end must be at most the 2 examples of a'],
    [{ batchSize: 2, rows: { begin: 0, end: 1 } }, 'dropRemainder must be true with rows, got false.'],
  ])('refuse %o before the loop begins', (options, message) => {
    expect(() => batches(splitOf(4), options)).toThrow(message);
  });

  test('refuse a split whose parts do not fit together, and an augmentation that changes the size', async () => {
    const split = splitOf(4);
    expect(() => batches({ ...split, labels: new Uint8Array(5) }, { batchSize: 2 })).toThrow('5 images of 8 x 8 x 1');
    expect(() => batches({ ...split, normalization: normalizations.cifar10 }, { batchSize: 2 })).toThrow('got 3');
    const shrink: NonNullable<BatchOptions['augment']> = (_, { pixels }) => ({
      pixels: pixels.slice(8),
      shape: [7, 8, 1],
    });
    await expect(examples(split, { batchSize: 2, augment: shrink })).rejects.toThrow('64 numbers, got 56');
  });
});

describe('prefetching', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const recorded = (count: number, depth: number) => {
    const made: number[] = [];
    const items = ahead(
      (i) => {
        made.push(i);
        return i;
      },
      0,
      count,
      depth,
      undefined,
    );
    return { made, items };
  };

  test('fills up to its depth while the consumer works, and no further', async () => {
    vi.useFakeTimers();
    const { made, items } = recorded(10, 3);
    expect(await items.next()).toEqual({ value: 0, done: false });
    expect(made).toEqual([0]);
    vi.runAllTimers();
    expect(made).toEqual([0, 1, 2, 3]);
    expect((await items.next()).value).toBe(1);
    vi.runAllTimers();
    expect(made).toEqual([0, 1, 2, 3, 4]);
    await items.return();
  });

  test('stops for good when the consumer leaves', async () => {
    vi.useFakeTimers();
    const { made, items } = recorded(10, 3);
    await items.next();
    await items.return();
    expect(vi.getTimerCount()).toBe(0);
    vi.runAllTimers();
    expect(made).toEqual([0]);
  });

  test('of depth 0 makes everything on request', async () => {
    vi.useFakeTimers();
    const { made, items } = recorded(3, 0);
    await items.next();
    expect(vi.getTimerCount()).toBe(0);
    expect(made).toEqual([0]);
    await items.return();
  });
});

test('slice counts like that of arrays and shares the bytes', () => {
  const split = splitOf(10);
  for (const [start, end] of [[0], [3], [-4], [2, 7], [-5, -2], [4, 100], [7, 3]] as const) {
    const part = slice(split, start, end);
    expect([...part.labels]).toEqual([...Array(10).keys()].slice(start, end));
    expect(part.images).toHaveLength(part.labels.length * 64);
    expect(part.images[0]).toBe(part.labels.length > 0 ? split.images[part.labels[0]! * 64] : undefined);
    expect(part.images.buffer).toBe(split.images.buffer);
  }
});
