import { readdirSync, readFileSync } from 'node:fs';
import { key } from '@steppe/random';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/node/images/decode.ts';
import { centerCrop, randomResizedCrop, resize, type View } from '../../../src/node/images/view.ts';

const folder = new URL('../../fixtures/images/', import.meta.url);
const fileOf = (name: string): Uint8Array => readFileSync(new URL(name, folder));
const expected: Record<string, { readonly centre: string; readonly whole: string }> = JSON.parse(
  String(fileOf('torchvision.json')),
);
const options = { channels: 3, maxPixels: 1e6 } as const;
const pixelsOf = (name: string, view: View, channels: 1 | 3 = 3): Promise<Uint8Array> =>
  decode(fileOf(name), { ...options, channels, view }, key(0));

/** The mean and the largest difference of two images, in steps of 256. */
function difference(a: Uint8Array, b: Uint8Array): { readonly mean: number; readonly most: number } {
  const apart = a.map((x, i) => Math.abs(x - (b[i] as number)));
  return { mean: apart.reduce((sum, x) => sum + x, 0) / a.length, most: Math.max(...apart) };
}

describe('Decoding is what Pillow and torchvision do', () => {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.json'));

  test('for every file of the fixtures', () => {
    expect(names.sort()).toEqual(Object.keys(expected).sort());
    expect(names).toHaveLength(24);
  });

  test.each(names)('with %s', async (name) => {
    const views = { centre: centerCrop(24, 27), whole: resize(24) };
    for (const [view, made] of [
      ['centre', await pixelsOf(name, views.centre)],
      ['whole', await pixelsOf(name, views.whole)],
    ] as const) {
      const wanted = new Uint8Array(Buffer.from(expected[name]?.[view] ?? '', 'base64'));
      expect(made).toHaveLength(24 * 24 * 3);
      const { mean, most } = difference(made, wanted);
      // CMYK is converted by a profile of print here, by a formula in Pillow: the picture is the same, its colours are not.
      expect(mean).toBeLessThan(name === 'cmyk.jpg' ? 30 : 0.8);
      expect(most).toBeLessThan(name === 'cmyk.jpg' ? 120 : 16);
    }
  });
});

test('All orientations of EXIF show one upright image', async () => {
  // The eight files hold the same pixels with different notes: turning them by hand must give the same.
  const plain = sharp(fileOf('exif-1.jpg'));
  const turned = {
    3: plain.clone().rotate(180),
    6: plain.clone().rotate(90),
    8: plain.clone().rotate(270),
    2: plain.clone().flop(),
  };
  for (const [orientation, image] of Object.entries(turned)) {
    const lossless = await image.png().toBuffer();
    const byHand = await decode(lossless, { ...options, view: resize(24) }, key(0));
    const { most } = difference(await pixelsOf(`exif-${orientation}.jpg`, resize(24)), byHand);
    expect(most).toBeLessThanOrEqual(2);
  }
});

test('One channel is the grey value, whatever the file holds', async () => {
  const grey = await pixelsOf('grey.png', resize(24), 1);
  expect(grey).toHaveLength(24 * 24);
  for (const name of ['grey-16-bit.png', 'grey-alpha.png', 'plain.png'])
    expect(difference(await pixelsOf(name, resize(24), 1), grey).mean).toBeLessThan(1);
});

test('A random crop follows its key, and half of them are mirrored', async () => {
  const at = (n: number, flip: number) =>
    decode(fileOf('plain.jpg'), { ...options, view: randomResizedCrop(16, { flip }) }, key(n));
  expect(await at(1, 0.5)).toEqual(await at(1, 0.5));
  expect(await at(1, 0)).not.toEqual(await at(2, 0));
  const [straight, mirrored] = [await at(3, 0), await at(3, 1)];
  const back = new Uint8Array(straight.length);
  for (let i = 0; i < 16 * 16; i += 1)
    for (let c = 0; c < 3; c += 1)
      back[3 * i + c] = mirrored[3 * (16 * Math.floor(i / 16) + 15 - (i % 16)) + c] as number;
  expect(back).toEqual(straight);
});

test('What is no image, cut short, too large or of another format is refused', async () => {
  const refused = (bytes: Uint8Array, more = {}) => decode(bytes, { ...options, view: resize(8), ...more }, key(0));
  await expect(refused(Buffer.from('no image'))).rejects.toThrow('unsupported image format');
  const jpeg = fileOf('plain.jpg');
  await expect(refused(jpeg.subarray(0, jpeg.length / 2))).rejects.toThrow(/premature end|truncated/i);
  const png = fileOf('plain.png');
  await expect(refused(png.subarray(0, png.length / 2))).rejects.toThrow();
  await expect(refused(jpeg, { maxPixels: 60 * 45 - 1 })).rejects.toThrow(
    'it has more pixels than maxPixels allows, 2699',
  );
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  await expect(refused(Buffer.from(svg))).rejects.toThrow('is of the format svg, which is not read here');
});
