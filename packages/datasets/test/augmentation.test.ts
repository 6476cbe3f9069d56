import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { describe, expect, test } from 'vitest';
import {
  basicAugmentation,
  compose,
  cutout,
  horizontalFlip,
  type Image,
  type PaperData,
  type PaperLevel,
  paperAugmentation,
  randomErasing,
  reflectCrop,
  type Shape,
} from '../src/index.ts';

/** An image in which every number tells its row, column and channel. */
const numbered = (height: number, width: number, channels: number): Image => ({
  pixels: Float32Array.from({ length: height * width * channels }, (_, i) => i + 1),
  shape: [height, width, channels],
});
const at = ({ pixels, shape: [, width, channels] }: Image, row: number, column: number, channel: number): number =>
  pixels[(row * width + column) * channels + channel]!;

const side = fc.integer({ min: 5, max: 12 });
const image = fc.tuple(side, side, fc.integer({ min: 1, max: 3 })).map((shape) => numbered(...shape));
const seed = fc.nat().map(key);

/** Calls `f` with every row, column and channel. */
function each([height, width, channels]: Shape, f: (row: number, column: number, channel: number) => void): void {
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1) for (let c = 0; c < channels; c += 1) f(row, column, c);
}

const every = {
  horizontalFlip: horizontalFlip(),
  reflectCrop: reflectCrop(4),
  cutout: cutout(4),
  basicAugmentation: basicAugmentation(),
  composed: compose(basicAugmentation(), cutout(3)),
  randomErasing: randomErasing({ probability: 0.9, value: 'random' }),
};

describe.each(Object.entries(every))('%s', (_, augment) => {
  law.prop([seed, image])('is a function of key and image that changes neither and keeps the shape', (k, given) => {
    const before = given.pixels.slice();
    const once = augment(k, given);
    expect(augment(k, given)).toEqual(once);
    expect(given.pixels).toEqual(before);
    expect(once.shape).toEqual(given.shape);
    expect(once.pixels).toHaveLength(before.length);
  });

  test('gives different images for different keys', () => {
    const given = numbered(12, 12, 2);
    const images = Array.from({ length: 64 }, (_, i) => augment(foldIn(key(3), i), given).pixels.join());
    expect(new Set(images).size).toBeGreaterThan(1);
  });
});

describe('horizontalFlip', () => {
  law.prop([seed, image])('mirrors columns and nothing else', (k, given) => {
    const flipped = horizontalFlip(1)(k, given);
    each(given.shape, (row, column, c) =>
      expect(at(flipped, row, column, c)).toBe(at(given, row, given.shape[1] - 1 - column, c)),
    );
  });

  law.prop([seed, image])('is its own inverse, and at probability 0 nothing', (k, given) => {
    expect(horizontalFlip(1)(k, horizontalFlip(1)(k, given))).toEqual(given);
    expect(horizontalFlip(0)(k, given)).toEqual(given);
  });

  test('comes about half the time', () => {
    const given = numbered(1, 2, 1);
    const flips = Array.from({ length: 1000 }, (_, i) => horizontalFlip()(foldIn(key(0), i), given).pixels[0]! - 1);
    expect(flips.reduce((a, b) => a + b, 0)).toBeGreaterThan(430);
    expect(flips.reduce((a, b) => a + b, 0)).toBeLessThan(570);
  });

  test('refuses what is no probability', () => {
    expect(() => horizontalFlip(1.5)).toThrow('lies in [0, 1], got 1.5');
    expect(() => horizontalFlip(Number.NaN)).toThrow('got NaN');
  });
});

describe('reflectCrop', () => {
  /** Padding by reflection written out, then every window of the old size. */
  function windows(given: Image, pad: number): Map<string, readonly [number, number]> {
    const [height, width, channels] = given.shape;
    const mirror = (i: number, n: number) => [...Array(n).keys(), ...[...Array(n - 1).keys()].reverse()][Math.abs(i)]!;
    const found = new Map<string, readonly [number, number]>();
    for (let top = 0; top <= 2 * pad; top += 1)
      for (let left = 0; left <= 2 * pad; left += 1) {
        const out = new Float32Array(given.pixels.length);
        let i = 0;
        each([height, width, channels], (row, column, c) => {
          out[i] = at(given, mirror(row + top - pad, height), mirror(column + left - pad, width), c);
          i += 1;
        });
        found.set(out.join(), [top, left]);
      }
    return found;
  }

  law.prop([seed, image, fc.nat(4)], { numRuns: 25 })(
    'gives a window of the image padded by reflection',
    (k, given, pad) => {
      expect(windows(given, pad).has(reflectCrop(pad)(k, given).pixels.join())).toBe(true);
    },
  );

  test('gives each of the 81 windows of 4 pixels about equally often', () => {
    const given = numbered(6, 7, 1);
    const places = windows(given, 4);
    expect(places.size).toBe(81);
    const counts = new Map<string, number>();
    for (let i = 0; i < 4050; i += 1) {
      const place = places.get(reflectCrop(4)(foldIn(key(8), i), given).pixels.join())!.join();
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(counts.size).toBe(81);
    expect(Math.min(...counts.values())).toBeGreaterThan(22);
    expect(Math.max(...counts.values())).toBeLessThan(85);
  });

  test('refuses what cannot be reflected', () => {
    expect(() => reflectCrop(4)(key(0), numbered(4, 9, 1))).toThrow('needs sides of at least 5, got 4 x 9');
    expect(() => reflectCrop(-1)).toThrow('got -1');
    expect(() => reflectCrop(0.5)).toThrow('got 0.5');
  });
});

describe('cutout', () => {
  law.prop([seed, image, fc.nat(15)])(
    'blanks one rectangle, at most of the given side, in all channels',
    (k, given, length) => {
      const cut = cutout(length)(k, given);
      const [rows, columns] = [new Set<number>(), new Set<number>()];
      let blank = 0;
      each(given.shape, (row, column, c) => {
        if (at(cut, row, column, c) !== 0) return expect(at(cut, row, column, c)).toBe(at(given, row, column, c));
        rows.add(row);
        columns.add(column);
        blank += 1;
      });
      expect(blank).toBe(rows.size * columns.size * given.shape[2]);
      for (const lines of [rows, columns]) {
        expect(lines.size).toBeLessThanOrEqual(length);
        expect(Math.max(...lines) - Math.min(...lines)).toBe(
          lines.size === 0 ? Number.NEGATIVE_INFINITY : lines.size - 1,
        );
        // The centre lies in the image, so at least half of the square does.
        expect(lines.size).toBeGreaterThanOrEqual(Math.min(Math.floor(length / 2), 5));
      }
    },
  );

  test('has its centre anywhere in the image, so that corners are cut too', () => {
    const given = numbered(8, 8, 1);
    const cuts = Array.from({ length: 500 }, (_, i) => cutout(4)(foldIn(key(5), i), given).pixels);
    for (const corner of [0, 7, 56, 63]) expect(cuts.some((pixels) => pixels[corner] === 0)).toBe(true);
    expect(cuts.some((pixels) => pixels.filter((x) => x === 0).length === 16)).toBe(true);
  });

  test('refuses half a pixel', () => {
    expect(() => cutout(2.5)).toThrow('got 2.5');
  });
});

test('compose() of nothing leaves images alone, and links have keys of their own', () => {
  const given = numbered(8, 8, 1);
  expect(compose()(key(1), given)).toBe(given);
  const keys: string[] = [];
  const spy = (k: unknown, passed: Image): Image => {
    keys.push(JSON.stringify(k));
    return passed;
  };
  compose(spy, spy, spy)(key(1), given);
  expect(new Set(keys).size).toBe(3);
});

describe('randomErasing', () => {
  const given = numbered(20, 16, 2);

  law.prop([seed])('blanks one rectangle inside the image, of an area and a shape within its bounds', (k) => {
    const erased = randomErasing({ probability: 1, scale: [0.1, 0.3], ratio: [0.5, 2] })(k, given).pixels;
    const blank = [...erased.keys()].filter((i) => erased[i] === 0 && i % 2 === 0).map((i) => i / 2);
    const [rows, columns] = [new Set(blank.map((i) => Math.floor(i / 16))), new Set(blank.map((i) => i % 16))];
    expect(blank).toHaveLength(rows.size * columns.size);
    for (const lines of [rows, columns]) expect(Math.max(...lines) - Math.min(...lines)).toBe(lines.size - 1);
    // Sides are rounded to whole pixels: each is off by one half at most.
    const [least, most] = [-0.5, 0.5].map((off) => (rows.size - off) * (columns.size - off)) as [number, number];
    expect(Math.max(least, most)).toBeGreaterThanOrEqual(0.1 * 320);
    expect(Math.min(least, most)).toBeLessThanOrEqual(0.3 * 320);
    expect((rows.size + 0.5) / (columns.size - 0.5)).toBeGreaterThanOrEqual(0.5);
    expect((rows.size - 0.5) / (columns.size + 0.5)).toBeLessThanOrEqual(2);
    const kept = [...erased.keys()].filter((i) => erased[i] !== 0);
    expect(kept.every((i) => erased[i] === given.pixels[i])).toBe(true);
  });

  test('fills with a number or with normal noise, and comes with its probability', () => {
    const filled = (value: number | 'random') =>
      [...randomErasing({ probability: 1, value })(key(1), given).pixels].filter((x, i) => x !== given.pixels[i]);
    expect(new Set(filled(-7))).toEqual(new Set([-7]));
    const noise = filled('random');
    expect(noise).toHaveLength(filled(-7).length);
    expect(new Set(noise).size).toBe(noise.length);
    const erased = Array.from({ length: 1000 }, (_, i) => randomErasing()(foldIn(key(2), i), given) !== given);
    expect(erased.filter(Boolean).length).toBeGreaterThan(430);
    expect(erased.filter(Boolean).length).toBeLessThan(570);
  });

  test('leaves an image in which no rectangle fits', () => {
    const dot = numbered(1, 1, 3);
    expect(randomErasing({ probability: 1 })(key(0), dot)).toEqual(dot);
  });

  test.each<[object, string]>([
    [{ probability: 2 }, 'probability must be in [0, 1], got 2.'],
    [{ scale: [0.5, 0.2] }, 'scale must be two numbers, 0 < least <= most <= 1, got a list of 2.'],
    [{ scale: 0.2 }, 'scale must be two numbers, 0 < least <= most <= 1, got 0.2.'],
    [{ ratio: [0, 1] }, 'ratio must be two numbers, 0 < least <= most, got a list of 2.'],
    [{ value: 'noise' }, 'value must be a number, got "noise".'],
  ])('refuses %o', (options, message) => {
    expect(() => randomErasing(options)).toThrow(message);
  });
});

describe('paperAugmentation', () => {
  const named = (data: PaperData, level: PaperLevel) => {
    const { augment, augmentBytes } = paperAugmentation(data, level);
    return JSON.stringify([augmentBytes?.description, augment?.description], (name, value) =>
      name === 'description' ? undefined : value,
    );
  };
  const flipCrop =
    '{"name":"compose","args":[{"name":"horizontalFlip","args":[0.5]},{"name":"reflectCrop","args":[4]}]}';
  const square = '{"name":"cutout","args":[16]}';
  const all = `{"name":"compose","args":[${flipCrop},${square}]}`;

  test('is AutoAugment on bytes, then flip and crop, then cutout, as the data wants it', () => {
    expect(named('cifar10', 'none')).toBe('[null,null]');
    expect(named('cifar100', 'basic')).toBe(`[null,${flipCrop}]`);
    expect(named('svhn', 'cutout')).toBe(`[null,${all}]`);
    const auto = (policy: string) => `{"name":"autoAugment","args":["${policy}",{"fill":128}]}`;
    expect(named('cifar10', 'autoaugment')).toBe(`[${auto('cifar10')},${all}]`);
    expect(named('cifar100', 'autoaugment')).toBe(`[${auto('cifar10')},${all}]`);
    expect(named('svhn', 'autoaugment')).toBe(`[${auto('svhn')},${square}]`);
    expect(named('fashion-mnist', 'autoaugment')).toBe(`[null,${square}]`);
  });

  test('refuses other data and levels', () => {
    expect(() => paperAugmentation('mnist' as never, 'basic')).toThrow(
      'data must be "cifar10" or "cifar100" or "svhn" or "fashion-mnist", got "mnist".',
    );
    expect(() => paperAugmentation('svhn', 'aa' as never)).toThrow('level must be "none" or "basic" or');
  });
});
