import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { contactSheet, describeSplit, type IndexedSplit, normalizations, type Split, slice } from '../../src/index.ts';
import { duplicates, encodePng, loadDataset } from '../../src/node/index.ts';

const split: Split = {
  images: Uint8Array.from({ length: 7 * 12 }, (_, i) => (i * 53) % 256),
  labels: Uint8Array.of(2, 0, 2, 0, 2, 2, 0),
  shape: [2, 2, 3],
  normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
};

/** The same images, read one by one. */
const indexed: IndexedSplit = {
  ...split,
  images: {
    count: 7,
    example: async (place) => ({ pixels: split.images.slice(place * 12, (place + 1) * 12), shape: split.shape }),
  },
  places: Uint32Array.of(0, 1, 2, 3, 4, 5, 6),
};

describe('describeSplit', () => {
  test('counts classes, and gives the mean and the deviation of each channel', async () => {
    const { count, counts, mean, std } = await describeSplit(split, 4);
    expect([count, counts]).toEqual([7, [3, 0, 4, 0]]);
    for (const c of [0, 1, 2]) {
      const values = [...split.images].filter((_, i) => i % 3 === c).map((byte) => byte / 255);
      const average = values.reduce((sum, x) => sum + x, 0) / 28;
      expect(mean[c]).toBeCloseTo(average, 12);
      expect(std[c]).toBeCloseTo(Math.sqrt(values.reduce((sum, x) => sum + (x - average) ** 2, 0) / 28), 12);
    }
  });

  test('gives the same for images that are read one by one', async () => {
    expect(await describeSplit(indexed, 4)).toEqual(await describeSplit(split, 4));
  });

  test('finds the constants that are published for Fashion-MNIST', async () => {
    const { train } = await loadDataset('fashion-mnist-mini');
    const { mean, std } = await describeSplit(train, 10);
    // Of all 60,000; these are 5,000 of them.
    expect(mean[0]).toBeCloseTo(0.286, 2);
    expect(std[0]).toBeCloseTo(0.353, 2);
  });

  test('refuses a split without examples, a label of no class, and what is no split', async () => {
    await expect(describeSplit(slice(split, 0, 0), 3)).rejects.toThrow('neither mean nor standard deviation');
    await expect(describeSplit(split, 2)).rejects.toThrow('A label of 2 classes lies in 0 … 1, got 2 for example 0.');
    await expect(describeSplit({} as Split, 2)).rejects.toThrow('describeSplit needs a split');
  });
});

describe('duplicates', () => {
  const copy = (images: readonly number[], labels: readonly number[]): Split => ({
    ...split,
    images: Uint8Array.from(images.flatMap((i) => [...split.images.subarray(i * 12, (i + 1) * 12)])),
    labels: Uint8Array.from(labels),
  });

  test('pairs each example with the first of the same pixels, and says whether the labels agree', async () => {
    expect(await duplicates(split)).toEqual([]);
    expect(await duplicates(copy([0, 1, 0, 2, 0, 1], [5, 6, 5, 7, 8, 6]))).toEqual([
      { first: 0, second: 2, sameLabel: true },
      { first: 0, second: 4, sameLabel: false },
      { first: 1, second: 5, sameLabel: true },
    ]);
  });

  test('finds test images that are in the training half, also among images that are read one by one', async () => {
    const test = copy([6, 3, 3], [0, 1, 0]);
    const expected = [
      { first: 6, second: 0, sameLabel: true },
      { first: 3, second: 1, sameLabel: false },
      { first: 3, second: 2, sameLabel: true },
    ];
    expect(await duplicates(split, test)).toEqual(expected);
    expect(await duplicates(indexed, test)).toEqual(expected);
  });

  test('does not take one byte for another: images that differ in one are not the same', async () => {
    const almost = { ...split, images: split.images.map((byte, i) => (i % 12 === 11 ? byte ^ 1 : byte)) };
    expect(await duplicates(split, almost)).toEqual([]);
  });
});

describe('contactSheet and encodePng', () => {
  test('put the first examples of each class in rows, as a file of their pixels', async () => {
    const sheet = await contactSheet(split, { columns: 3 });
    expect(sheet.shape).toEqual([10, 14, 3]);
    const at = (row: number, column: number) => [
      ...sheet.pixels.subarray((row * 14 + column) * 3, (row * 14 + column + 2) * 3),
    ];
    const upper = (example: number) => [...split.images.subarray(example * 12, example * 12 + 6)];
    expect([at(2, 2), at(2, 6), at(2, 10)]).toEqual([upper(1), upper(3), upper(6)]);
    expect([at(6, 2), at(6, 6), at(6, 10)]).toEqual([upper(0), upper(2), upper(4)]);
    expect(at(4, 2)).toEqual(Array(6).fill(255));
    expect((await contactSheet(indexed, { columns: 3 })).pixels).toEqual(sheet.pixels);
    const read = await sharp(await encodePng(sheet))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([read.info.height, read.info.width, read.info.channels]).toEqual([10, 14, 3]);
    expect(Uint8Array.from(read.data)).toEqual(sheet.pixels);
  });

  test('write grey as grey', async () => {
    const grey = { pixels: Uint8Array.of(0, 100, 200, 255), shape: [2, 2, 1] } as const;
    const file = sharp(await encodePng(grey));
    const { space, channels } = await file.metadata();
    expect([space, channels]).toEqual(['b-w', 1]);
    expect([...(await file.toColourspace('b-w').raw().toBuffer())]).toEqual([0, 100, 200, 255]);
  });

  test('show the classes that are asked for, and end short rows in white', async () => {
    const sheet = await contactSheet(slice(split, 0, 4), { classes: [2] });
    expect(sheet.shape).toEqual([6, 10, 3]);
  });

  test('refuse what cannot be shown', async () => {
    await expect(contactSheet(split, { classes: [1] })).rejects.toThrow('There is no example of class 1 to show.');
    await expect(contactSheet(split, { classes: [] })).rejects.toThrow('classes must be a list of class numbers');
    await expect(contactSheet(split, { columns: 0 })).rejects.toThrow(
      'columns must be a positive whole number, got 0.',
    );
    await expect(contactSheet(slice(split, 0, 0))).rejects.toThrow('has nothing to show');
    const many: Split = {
      images: new Uint8Array(9000),
      labels: new Uint8Array(9000),
      shape: [1, 1, 1],
      normalization: normalizations.mnist,
    };
    await expect(contactSheet(many, { columns: 9000 })).rejects.toThrow(
      'A sheet of 5 x 27002 pixels is too large, at most 16384: name fewer classes or columns.',
    );
    await expect(encodePng({ pixels: new Uint8Array(5), shape: [1, 1, 5] })).rejects.toThrow('1 to 4 channels, got 5');
    await expect(encodePng({ pixels: new Uint8Array(5), shape: [1, 1, 3] })).rejects.toThrow('other than 5 bytes');
  });
});
