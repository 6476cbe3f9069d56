import { fc, test as law } from '@fast-check/vitest';
import { bits, key } from '@steppe/random';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Split } from '../../src/index.ts';
import { differenceHash } from '../../src/node/difference-hash.ts';
import { duplicates } from '../../src/node/index.ts';
import { nearestHash } from '../../src/node/nearest-hash.ts';

const [width, height] = [48, 40];
const normalization = { mean: [0, 0, 0], std: [1, 1, 1] };

/** A picture of its own for each number: large fields of colour with soft edges. */
const picture = (n: number) =>
  sharp(Uint8Array.from(bits(key(n), 6 * 5 * 3)), { raw: { width: 6, height: 5, channels: 3 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .png()
    .toBuffer();
const pixelsOf = async (image: Sharp) =>
  new Uint8Array(await image.resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer());

const splitOf = (all: readonly Uint8Array[], labels: readonly number[]): Split => ({
  images: Uint8Array.from(all.flatMap((pixels) => [...pixels])),
  labels: Uint8Array.from(labels),
  shape: [height, width, 3],
  normalization,
});

describe('Near duplicates', () => {
  test('are images that were saved anew or resized, with how much they differ, and no others', async () => {
    const pictures = await Promise.all([1, 2, 3, 4, 5, 6].map(picture));
    const train = splitOf(await Promise.all(pictures.map((png) => pixelsOf(sharp(png)))), [0, 1, 2, 3, 4, 5]);
    const [second, fourth] = [pictures[1] as Buffer, pictures[3] as Buffer];
    const test = splitOf(
      [
        await pixelsOf(sharp(await sharp(second).jpeg({ quality: 50 }).toBuffer())),
        await pixelsOf(sharp(await picture(7))),
        await pixelsOf(sharp(await sharp(fourth).resize(30, 25, { fit: 'fill' }).png().toBuffer())),
        await pixelsOf(sharp(fourth).flop()),
      ],
      [1, 0, 0, 3],
    );
    expect(await duplicates(train, test)).toEqual([]);
    const found = await duplicates(train, test, { near: 4 });
    expect(found.map(({ first, second, sameLabel }) => [first, second, sameLabel])).toEqual([
      [1, 0, true],
      [3, 2, false],
    ]);
    for (const { distance } of found) expect(distance).toBeLessThanOrEqual(4);
    expect(await duplicates(train, train, { near: 4 })).toEqual([]);
    const { images, labels } = train;
    const twice = {
      ...train,
      images: Uint8Array.from([...images, ...images]),
      labels: Uint8Array.of(...labels, ...labels),
    };
    expect(await duplicates(twice, twice, { near: 0 })).toEqual(
      [0, 1, 2, 3, 4, 5].map((first) => ({ first, second: first + 6, sameLabel: true, distance: 0 })),
    );
  });

  test('are told by 64 digits: 1 where a field is darker than the one to its right', () => {
    // Columns 0 … 8, brighter to the right but for the last one; rows are alike.
    const brightness = [10, 20, 30, 40, 50, 60, 70, 80, 5];
    const row = brightness.flatMap((b) => [b, b, b]);
    const image = { pixels: Uint8Array.from(new Array(8).fill(row).flat()), shape: [8, 9, 3] } as const;
    expect(differenceHash(image)).toBe('11111110'.repeat(8));
    // A picture of one colour, and one of fewer pixels than fields, have a hash, too.
    expect(differenceHash({ pixels: new Uint8Array(300).fill(77), shape: [10, 10, 3] })).toBe('0'.repeat(64));
    expect(differenceHash({ pixels: Uint8Array.of(0, 255), shape: [1, 2, 1] })).toBe('00011000'.repeat(8));
  });

  test('cannot differ in more digits than a person would look through', async () => {
    const split = splitOf([new Uint8Array(width * height * 3)], [0]);
    for (const near of [-1, 0.5, 17, Number.NaN])
      await expect(duplicates(split, split, { near })).rejects.toThrow('near must be a whole number from 0 to 16, got');
  });
});

const hash = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }).map((digits) => digits.map(Number).join(''));

law.prop([fc.array(hash, { maxLength: 30 }), hash, fc.nat(4), fc.nat(30)], { numRuns: 300, seed: 14 })(
  'The nearest hash is the one that comparing with all of them finds',
  (hashes, sought, most, before) => {
    const apart = hashes.map((one) => [...one].filter((digit, i) => digit !== sought[i]).length);
    const least = Math.min(...apart.slice(0, before));
    const expected = least <= most ? { at: apart.indexOf(least), distance: least } : undefined;
    expect(nearestHash(hashes, most)(sought, before)).toEqual(expected);
  },
);
