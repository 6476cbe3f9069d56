import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { describe, expect, test } from 'vitest';
import { policies } from '../../src/bytes/policies.ts';
import { drawn } from '../../src/bytes/rand-augment.ts';
import {
  autoAugment,
  type ByteImage,
  colorJitter,
  compose,
  type RandAugmentOptions,
  randAugment,
  type SubPolicy,
} from '../../src/index.ts';
import { rebuildByteAugmentation } from '../../src/rebuild.ts';

const image: fc.Arbitrary<ByteImage> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1 as const, 3 as const))
  .chain(([height, width, channels]) => {
    const length = height * width * channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((pixels) => ({ pixels, shape: [height, width, channels] as const }));
  });
const seed = fc.nat().map(key);
/** An image whose bytes are all there, in each channel. */
const full = { pixels: Uint8Array.from({ length: 768 }, (_, i) => i / 3), shape: [16, 16, 3] } as const;

const every = {
  cifar10: autoAugment('cifar10', { fill: 128 }),
  svhn: autoAugment('svhn'),
  imagenet: autoAugment('imagenet'),
  'of one operation': autoAugment([[['cut', 0.9, 9]]]),
  randAugment: randAugment({ count: 3, magnitude: 15 }),
  colorJitter: colorJitter({ brightness: 0.5, contrast: 0.5, saturation: 2, hue: 0.5 }),
  composed: compose(colorJitter({ brightness: 0.5 }), randAugment()),
};

describe.each(Object.entries(every))('%s', (_, augment) => {
  const again = rebuildByteAugmentation(JSON.parse(JSON.stringify(augment.description)));

  law.prop([seed, image], { numRuns: 20 })('is a function of key and image that changes neither', (k, given) => {
    const before = given.pixels.slice();
    const once = augment(k, given);
    expect(augment(k, given)).toEqual(once);
    expect(given.pixels).toEqual(before);
    expect(once.shape).toEqual(given.shape);
    expect(once.pixels).toHaveLength(before.length);
    expect(again(k, given)).toEqual(once);
  });

  test('gives different images for different keys', () => {
    const images = Array.from({ length: 64 }, (_, i) => augment(foldIn(key(3), i), full).pixels.join());
    expect(new Set(images).size).toBeGreaterThan(16);
  });
});

test('AutoAugment draws each sub-policy equally often, each step by its probability, each sign half the time', () => {
  const pixel = { pixels: Uint8Array.from({ length: 121 }, (_, i) => i), shape: [11, 11, 1] } as const;
  const marks: SubPolicy[] = Array.from({ length: 10 }, (_, level) => [
    ['translateX', 0.6, level],
    ['invert', 0.25, 0],
  ]);
  const augment = autoAugment(marks, { fill: 255 });
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i += 1) {
    const { pixels } = augment(foldIn(key(4), i), pixel);
    const light = pixels[60]! > 127;
    const seen = [...pixels].map((byte) => (light ? 255 - byte : byte));
    // The middle row, of which shifts of up to 4 pixels leave the middle.
    const moved = seen[60]! - 60;
    const what = `${light ? 'inverted' : ''} ${Math.sign(moved)}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  // Levels 0, 1 move by no whole pixel: eight of ten move, 0.6 of the time, half of them to each side.
  const expected = { ' 0': 0.52 * 0.75, ' -1': 0.24 * 0.75, ' 1': 0.24 * 0.75 };
  for (const [what, share] of Object.entries(expected))
    expect(Math.abs((counts.get(what) ?? 0) - 4000 * share)).toBeLessThan(5 * Math.sqrt(4000 * share * (1 - share)));
  expect(
    (counts.get('inverted 0') ?? 0) + (counts.get('inverted 1') ?? 0) + (counts.get('inverted -1') ?? 0),
  ).toBeGreaterThan(860);
});

test('RandAugment draws 14 operations, and magnitude 0 leaves an image nearly as it is', () => {
  expect(new Set(drawn).size).toBe(14);
  const calm = Array.from({ length: 200 }, (_, i) => randAugment({ count: 1, magnitude: 0 })(foldIn(key(1), i), full));
  // Solarize from 255 on, autocontrast and equalize of an even histogram: bytes move by 1 at most, but for 255 → 0.
  const moves = new Set(calm.flatMap(({ pixels }) => [...pixels].map((byte, i) => Math.abs(byte - full.pixels[i]!))));
  expect([...moves].filter((move) => ![0, 1, 255].includes(move))).toEqual([]);
});

describe('What cannot be is refused', () => {
  test.each<[string, () => unknown]>([
    [
      'policy must be cifar10, svhn, imagenet, or a list of sub-policies, got "cifar".',
      () => autoAugment('cifar' as never),
    ],
    [
      'policy must be cifar10, svhn, imagenet, or a list of sub-policies, got "toString".',
      () => autoAugment('toString' as never),
    ],
    ['policy must be cifar10, svhn, imagenet, or a list of sub-policies, got a list of 0.', () => autoAugment([])],
    ['A probability must be in [0, 1], got 2.', () => autoAugment([[['invert', 2, 0]]])],
    ['A level must be a whole number from 0 to 9, got 10.', () => autoAugment([[['rotate', 1, 10]]])],
    ['autoAugment has no option "fil": did you mean "fill"?', () => autoAugment('svhn', { fil: 1 } as object)],
    [
      'fill must be a byte, 0 to 255, or a list of one for each channel, got 256.',
      () => autoAugment('svhn', { fill: 256 }),
    ],
    ['magnitude must be a whole number from 0 to 30, got 31.', () => randAugment({ magnitude: 31 })],
    ['count must be a positive whole number, got 0.', () => randAugment({ count: 0 })],
    ['hue must be in [0, 0.5], got 0.6.', () => colorJitter({ hue: 0.6 })],
    ['brightness must be a finite number of at least 0, got -1.', () => colorJitter({ brightness: -1 })],
    [
      'randAugment has no option "n": it takes count, magnitude, fill.',
      () => randAugment({ n: 2 } as RandAugmentOptions),
    ],
    [
      'fill needs a byte for each channel, got 3 for images of 1.',
      () => autoAugment('svhn', { fill: [1, 2, 3] })(key(0), { pixels: new Uint8Array(4), shape: [2, 2, 1] }),
    ],
    [
      'Colours are changed in images of 1 or 3 channels, got 4.',
      () => colorJitter({ saturation: 1 })(key(0), { pixels: new Uint8Array(4), shape: [1, 1, 4] }),
    ],
  ])('%s', (message, run) => {
    expect(run).toThrow(message);
  });

  test('an operation that there is not, with those that there are', () => {
    expect(() => autoAugment([[['Rotate' as never, 1, 1]]])).toThrow(
      /^An operation must be identity, shearX, .*, got "Rotate"\.$/,
    );
  });
});

test('The policies are 25 pairs each, as published', () => {
  for (const policy of Object.values(policies)) {
    expect(policy).toHaveLength(25);
    expect(policy.every((steps) => steps.length === 2)).toBe(true);
  }
});
