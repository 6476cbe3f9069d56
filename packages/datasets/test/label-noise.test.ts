import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { describe, expect, test } from 'vitest';
import {
  asymmetricLabelNoise,
  classNames,
  confusions,
  normalizations,
  type Split,
  symmetricLabelNoise,
} from '../src/index.ts';
import { hashLabels } from '../src/node/index.ts';

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

describe('asymmetricLabelNoise', () => {
  const mapping = [1, 1, 0, 3, 2];
  const labels = Uint8Array.from({ length: 103 }, (_, i) => (i * i) % 5);

  law.prop([seed, fc.uint8Array({ maxLength: 200, max: 4 }), share])(
    'replaces round(share · count) labels of each class by the one that it is taken for, and no other label',
    (k, given, s) => {
      const noisy = asymmetricLabelNoise(k, labelled(given), s, mapping).labels;
      for (const [from, to] of mapping.entries()) {
        const own = [...given.keys()].filter((i) => given[i] === from);
        const moved = own.filter((i) => noisy[i] !== from);
        expect(moved.every((i) => noisy[i] === to)).toBe(true);
        expect(moved).toHaveLength(to === from ? 0 : Math.round(s * own.length));
      }
    },
  );

  test('is the same for the same key, other noise for another one, and leaves the given split as it is', () => {
    const given = labelled(labels.slice());
    const hashes = [0, 0, 1, 2].map((s) => hashLabels(asymmetricLabelNoise(key(s), given, 0.4, mapping)));
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(3);
    expect(given.labels).toEqual(labels);
    expect(hashLabels(given)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes).not.toContain(hashLabels(given));
  });

  test('of CIFAR-10 takes five classes for the published ones', () => {
    const taken = confusions.cifar10.flatMap((to, from) =>
      to === from ? [] : [`${classNames.cifar10[from]} > ${classNames.cifar10[to]}`],
    );
    expect(taken).toEqual(['bird > airplane', 'cat > dog', 'deer > horse', 'dog > cat', 'truck > automobile']);
  });

  test('of CIFAR-100 goes around 20 circles of five classes, upward but for the last of each', () => {
    const { cifar100 } = confusions;
    expect([...cifar100].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect(cifar100.filter((to, from) => to < from)).toHaveLength(20);
    for (const from of cifar100.keys()) {
      const circle = [1, 2, 3, 4, 5].reduce<number[]>((seen) => [...seen, cifar100[seen.at(-1)!]!], [from]);
      expect(circle[5]).toBe(from);
      expect(new Set(circle).size).toBe(5);
    }
    const name = (of: string) => classNames.cifar100[cifar100[classNames.cifar100.indexOf(of)]!];
    expect([name('otter'), name('whale'), name('train'), name('lawn_mower')]).toEqual([
      'seal',
      'beaver',
      'bicycle',
      'rocket',
    ]);
  });

  test.each<[string, unknown]>([
    ['mapping must be a list of the class that each class is taken for, got a list of 1.', [0]],
    ['mapping must be a list of the class that each class is taken for, got a list of 2.', [0, 2]],
    ['mapping must be a list of the class that each class is taken for, got "cifar10".', 'cifar10'],
    ['mapping takes each class for itself, which replaces no label: name another class for one.', [0, 1, 2]],
    ['A label of 3 classes lies in 0 … 2, got 4 for example 2.', [1, 0, 2]],
  ])('refuses: %s', (message, given) => {
    expect(() => asymmetricLabelNoise(key(0), labelled(labels), 0.5, given as number[])).toThrow(message);
  });
});
