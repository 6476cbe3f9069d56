import { readdirSync, readFileSync } from 'node:fs';
import { fc, test as law } from '@fast-check/vitest';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jpegSides } from '../../../src/node/images/jpeg-sides.ts';

const folder = new URL('../../fixtures/images/', import.meta.url);
const names = readdirSync(folder).filter((name) => !name.endsWith('.json'));
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(name, folder));
const plain = bytesOf('plain.jpg');

test('The header of a plain JPEG tells what the decoder tells, and that of another file nothing', async () => {
  const known = [];
  for (const name of names) {
    const sides = jpegSides(bytesOf(name));
    if (sides === undefined) continue;
    known.push(name);
    const { width, height, orientation = 1 } = await sharp(bytesOf(name)).metadata();
    expect([name, sides, orientation]).toEqual([name, { width, height }, 1]);
  }
  expect(known).toEqual(['cmyk.jpg', 'grey.jpg', 'plain.jpg', 'progressive.jpg']);
});

law.prop([fc.nat(plain.length), fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 4 })], {
  numRuns: 500,
  seed: 14,
})('A header that is cut short or damaged never stops it', (length, changes) => {
  const bytes = plain.slice(0, length);
  for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
  const sides = jpegSides(bytes);
  if (sides !== undefined) expect(Math.min(sides.width, sides.height)).toBeGreaterThan(0);
});
