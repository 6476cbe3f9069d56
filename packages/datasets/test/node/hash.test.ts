import { describe, expect, test } from 'vitest';
import { type Dataset, normalizations, type Split } from '../../src/index.ts';
import { hashDataset } from '../../src/node/index.ts';

const split = (images: number[], labels: number[], side: number): Split => ({
  images: Uint8Array.from(images),
  labels: Uint8Array.from(labels),
  shape: [side, side, 1],
  normalization: normalizations.mnist,
});
const set = (train: Split, test: Split): Dataset => ({
  name: 'made',
  source: 'a test',
  classes: ['a', 'b'],
  shape: train.shape,
  train,
  test,
});
const made = set(split([1, 2, 3, 4], [0], 2), split([5, 6, 7, 8], [1], 2));

describe('The hash of a dataset', () => {
  test('does not depend on what the dataset is called and where it comes from', () => {
    const renamed: Dataset = { ...made, name: 'other', source: 'elsewhere' };
    expect(hashDataset(renamed)).toBe(hashDataset(made));
    expect(hashDataset(made)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Dataset]>([
    ['a pixel', set(split([1, 2, 3, 5], [0], 2), made.test)],
    ['a label', set(made.train, split([5, 6, 7, 8], [0], 2))],
    ['the shape', set(split([1, 2, 3, 4], [0, 0, 0, 0], 1), made.test)],
    ['the splits exchanged', set(made.test, made.train)],
    ['an example moved from one split to the other', set(split([1, 2, 3, 4, 5, 6, 7, 8], [0, 1], 2), split([], [], 2))],
    ['one class more', { ...made, classes: ['a', 'b', 'c'] }],
  ])('is another with %s', (_, other) => {
    expect(hashDataset(other)).not.toBe(hashDataset(made));
  });
});
