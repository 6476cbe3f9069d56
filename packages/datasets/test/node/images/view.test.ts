import { fc, test as law } from '@fast-check/vitest';
import { foldIn, key } from '@steppe/random';
import { expect, test } from 'vitest';
import { regionOf } from '../../../src/node/images/region.ts';
import { centerCrop, randomResizedCrop, resize } from '../../../src/node/images/view.ts';

const side = fc.integer({ min: 1, max: 900 });

law.prop([fc.nat(), side, side, fc.integer({ min: 1, max: 300 })], { numRuns: 300, seed: 14 })(
  'A random crop lies in the image, has an area and an aspect in the ranges, and fills the square',
  (seed, width, height, size) => {
    const { cut, resized, kept } = regionOf(randomResizedCrop(size), key(seed), width, height);
    expect(cut.left >= 0 && cut.top >= 0 && cut.width >= 1 && cut.height >= 1).toBe(true);
    expect(cut.left + cut.width <= width && cut.top + cut.height <= height).toBe(true);
    expect([resized, kept]).toEqual([
      { width: size, height: size },
      { left: 0, top: 0, width: size, height: size },
    ]);
    // Rounding to whole pixels is what is allowed beyond the ranges.
    if (width / height > 4 / 3 || width / height < 3 / 4) return;
    expect(cut.width - 1).toBeLessThanOrEqual((4 / 3) * (cut.height + 1));
    expect(cut.height - 1).toBeLessThanOrEqual((4 / 3) * (cut.width + 1));
    expect((cut.width + 1) * (cut.height + 1)).toBeGreaterThan(0.08 * width * height);
  },
);

test('Random crops have the mean area and the mirrors of their distribution', () => {
  const view = randomResizedCrop(224);
  const regions = Array.from({ length: 4000 }, (_, i) => regionOf(view, foldIn(key(1), i), 500, 500));
  const mean = regions.reduce((sum, { cut }) => sum + (cut.width * cut.height) / 250_000, 0) / regions.length;
  // Uniform on [0.08, 1] would be 0.54; rectangles that are too long for the square are drawn again, most of them large.
  expect(mean).toBeGreaterThan(0.47);
  expect(mean).toBeLessThan(0.54);
  const mirrored = regions.filter(({ isMirrored }) => isMirrored).length / regions.length;
  expect(Math.abs(mirrored - 0.5)).toBeLessThan(0.03);
  const logs = regions.map(({ cut }) => Math.log(cut.width / cut.height));
  expect(Math.abs(logs.reduce((sum, x) => sum + x, 0) / logs.length)).toBeLessThan(0.02);
});

test('An image that no rectangle fits is cut at its centre to the nearest aspect, as torchvision does', () => {
  const { cut } = regionOf(randomResizedCrop(8), key(0), 1000, 10);
  expect(cut).toEqual({ left: 493, top: 0, width: 13, height: 10 });
  expect(regionOf(randomResizedCrop(8), key(0), 10, 1000).cut).toEqual({ left: 0, top: 493, width: 10, height: 13 });
});

test('The evaluation crop follows torchvision: the shorter side, the other one rounded down, the centre', () => {
  // F.resize(256) of 500 x 375 gives 341 x 256; center_crop(224) starts at round(58.5) = 58, to even, and 16.
  expect(regionOf(centerCrop(224), key(0), 500, 375)).toEqual({
    cut: { left: 0, top: 0, width: 500, height: 375 },
    resized: { width: 341, height: 256 },
    kept: { left: 58, top: 16, width: 224, height: 224 },
    isMirrored: false,
  });
  expect(regionOf(centerCrop(32, 37), key(0), 75, 100).resized).toEqual({ width: 37, height: 49 });
  expect(regionOf(resize(32), key(0), 75, 100).resized).toEqual({ width: 32, height: 32 });
});

test.each([
  [() => randomResizedCrop(0), 'size must be a whole number from 1 to 4096, got 0.'],
  [() => randomResizedCrop(8, { area: [0.5, 0.2] }), 'area must be two numbers, the least and the most'],
  [() => randomResizedCrop(8, { area: [0, 1] }), 'area must be in (0, 1], got 0.'],
  [() => randomResizedCrop(8, { flip: 2 }), 'flip must be in [0, 1], got 2.'],
  [() => randomResizedCrop(8, { ratio: 2 } as object), 'randomResizedCrop has no option "ratio"'],
  [() => centerCrop(64, 32), 'resize must be at least the size 64, got 32.'],
  [() => resize(2.5), 'size must be a whole number'],
])('%s is refused', (make, message) => {
  expect(make).toThrow(message);
});
