import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { describe, expect, test } from 'vitest';
import { holdOut, type Labels, normalizations, type Split } from '../src/index.ts';

/** Images of two pixels that say which example they are. */
const labelled = (labels: Uint8Array): Split => ({
  images: Uint8Array.from({ length: 2 * labels.length }, (_, i) => (i % 2 === 0 ? i / 2 : 255 - (i - 1) / 2)),
  labels,
  shape: [1, 2, 1],
  normalization: normalizations.fashionMnist,
});

const countOf = (labels: Labels, label: number): number => [...labels].filter((l) => l === label).length;
/** The examples of a part, by the first pixel of each. */
const examplesOf = ({ images }: Split): number[] => [...images].filter((_, i) => i % 2 === 0);

const seed = fc.nat().map(key);
const share = fc.oneof(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.constantFrom(0.1, 0.2, 0.5));
const some = fc
  .integer({ min: 1, max: 256 })
  .chain((classes) => fc.uint8Array({ minLength: 1, maxLength: 200, max: classes - 1 }));

describe('holdOut', () => {
  law.prop([seed, some, share])('gives each example to one part, with its image and in its order', (k, labels, s) => {
    const split = labelled(labels);
    const parts = holdOut(k, split, s);
    expect(parts.flatMap(examplesOf).sort((a, b) => a - b)).toEqual([...labels.keys()]);
    for (const part of parts) {
      const examples = examplesOf(part);
      expect(examples).toEqual([...examples].sort((a, b) => a - b));
      expect([...part.labels]).toEqual(examples.map((i) => labels[i]));
      expect([...part.images]).toEqual(examples.flatMap((i) => [i, 255 - i]));
    }
  });

  law.prop([seed, some, share])('holds out the share of all and, give or take one, of each class', (k, labels, s) => {
    const [, held] = holdOut(k, labelled(labels), s);
    expect(held.labels).toHaveLength(Math.round(s * labels.length));
    for (const label of new Set(labels))
      expect(Math.abs(countOf(held.labels, label) - s * countOf(labels, label))).toBeLessThan(1);
  });

  law.prop([seed, some, share])(
    'gives the same parts for the same key and leaves the split as it is',
    (k, labels, s) => {
      const [split, again] = [labelled(labels), labelled(labels.slice())];
      expect(holdOut(k, split, s)).toEqual(holdOut(k, again, s));
      expect(split).toEqual(again);
    },
  );

  test('gives other parts for another key', () => {
    const held = (s: number): string => examplesOf(holdOut(key(s), labelled(new Uint8Array(100)), 0.5)[1]).join();
    expect(new Set([0, 1, 2, 3].map(held)).size).toBe(4);
  });

  test('holds each example out equally often', () => {
    const held = new Array<number>(20).fill(0);
    for (let i = 0; i < 2000; i += 1)
      for (const example of examplesOf(holdOut(foldIn(key(2), i), labelled(new Uint8Array(20)), 0.25)[1]))
        held[example]! += 1;
    // 500 are expected of each; five standard deviations are 5 · √(2,000 · 0.25 · 0.75) = 97.
    expect(Math.max(...held.map((n) => Math.abs(n - 500)))).toBeLessThan(97);
  });

  test('shares no memory with what it is given', () => {
    const split = labelled(Uint8Array.of(0, 1, 0, 1));
    for (const part of holdOut(key(0), split, 0.5)) part.images.fill(7);
    expect([...split.images]).toEqual([0, 255, 1, 254, 2, 253, 3, 252]);
  });

  test.each([-0.1, 1, Number.NaN])('refuses a share of %s', (s) => {
    expect(() => holdOut(key(0), labelled(new Uint8Array(3)), s)).toThrow(`share must be in [0, 1), got ${s}.`);
  });

  test('refuses what is no split', () => {
    expect(() => holdOut(key(0), {} as Split, 0.1)).toThrow('holdOut needs a split');
  });
});
