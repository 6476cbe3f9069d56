import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { describe, expect, test } from 'vitest';
import { normalizations, type Split, symmetricLabelNoise } from '../src/index.ts';

/** Images of one pixel, so that only labels matter. */
const labelled = (labels: Uint8Array): Split => ({
  images: new Uint8Array(labels.length),
  labels,
  shape: [1, 1, 1],
  normalization: normalizations.fashionMnist,
});

const seed = fc.nat().map(key);
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const some = fc
  .integer({ min: 2, max: 256 })
  .chain((classes) =>
    fc.tuple(fc.constant(classes), fc.uint8Array({ minLength: 1, maxLength: 200, max: classes - 1 })),
  );

describe('symmetricLabelNoise', () => {
  law.prop([seed, some, share])(
    'replaces exactly round(share · count) labels, each by another class',
    (k, [classes, labels], s) => {
      const noisy = symmetricLabelNoise(k, labelled(labels), s, classes).labels;
      expect(noisy.filter((label, i) => label !== labels[i])).toHaveLength(Math.round(s * labels.length));
      expect(noisy.every((label) => label < classes)).toBe(true);
    },
  );

  law.prop([seed, some, share])(
    'gives the same labels for the same key, and leaves what it is given as it is',
    (k, [classes, labels], s) => {
      const given = labelled(labels);
      const before = labels.slice();
      const noisy = symmetricLabelNoise(k, given, s, classes);
      expect(symmetricLabelNoise(k, labelled(before), s, classes).labels).toEqual(noisy.labels);
      expect(labels).toEqual(before);
      expect(noisy.images).toBe(given.images);
    },
  );

  test('leaves labels alone that Node read into a buffer, whose slices share its memory', () => {
    const labels = Buffer.alloc(100);
    const noisy = symmetricLabelNoise(key(0), labelled(labels), 0.5, 10).labels;
    expect(noisy.filter((label) => label > 0)).toHaveLength(50);
    expect([...labels]).toEqual(Array(100).fill(0));
  });

  test('rounds half a label up', () => {
    const labels = new Uint8Array(10);
    const changed = (s: number): number =>
      symmetricLabelNoise(key(0), labelled(labels), s, 2).labels.filter((label) => label === 1).length;
    expect([0, 0.04, 0.05, 0.25, 0.94, 0.95].map(changed)).toEqual([0, 0, 1, 3, 9, 10]);
  });

  test('draws each other class equally often, whatever the label was', () => {
    const classes = 4;
    const labels = Uint8Array.from({ length: 40_000 }, (_, i) => i % classes);
    const noisy = symmetricLabelNoise(key(1), labelled(labels), 0.6, classes).labels;
    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (const [i, label] of noisy.entries()) counts[labels[i]!]![label]! += 1;
    const wrong = counts.flatMap((row, from) => row.filter((_, to) => to !== from));
    // 2,000 are expected in each of 12 places; five standard deviations are 5 · √(10,000 · 0.2 · 0.8) = 200.
    expect(Math.max(...wrong.map((n) => Math.abs(n - 2000)))).toBeLessThan(200);
  });

  test('hits each example equally often', () => {
    const labels = new Uint8Array(20);
    const hits = new Array<number>(20).fill(0);
    for (let i = 0; i < 4000; i += 1)
      for (const [at, label] of symmetricLabelNoise(foldIn(key(2), i), labelled(labels), 0.25, 2).labels.entries())
        hits[at]! += label;
    // 1,000 are expected of each; five standard deviations are 5 · √(4,000 · 0.25 · 0.75) = 137.
    expect(Math.max(...hits.map((n) => Math.abs(n - 1000)))).toBeLessThan(137);
  });

  test('is other noise for another key', () => {
    const labels = new Uint8Array(100);
    const noise = (s: number): string => symmetricLabelNoise(key(s), labelled(labels), 0.5, 10).labels.join();
    expect(new Set([0, 1, 2, 3].map(noise)).size).toBe(4);
  });

  test.each([-0.1, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a share of %s', (s) => {
    expect(() => symmetricLabelNoise(key(0), labelled(new Uint8Array(3)), s, 10)).toThrow(
      `share must be in [0, 1), got ${s}.`,
    );
  });

  test.each([1, 0, -2, 2.5, 257, Number.NaN])(
    'refuses %s classes, of which none or no whole number is another',
    (n) => {
      expect(() => symmetricLabelNoise(key(0), labelled(new Uint8Array(3)), 0.5, n)).toThrow(
        `classes must be a whole number from 2 to 256, got ${n}.`,
      );
    },
  );

  test('refuses a label that names no class', () => {
    expect(() => symmetricLabelNoise(key(0), labelled(Uint8Array.from([0, 3])), 0.5, 3)).toThrow(
      'A label of 3 classes lies in 0 … 2, got 3 for example 1.',
    );
  });
});
