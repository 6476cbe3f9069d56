// Makes train and val of pictures with the sides and the size of ImageNet's: smooth colours with detail, JPEG of quality 90.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bits, foldIn, key } from '@steppe/random';
import sharp from 'sharp';

const noise = (n, width, height) =>
  sharp(Uint8Array.from(bits(foldIn(key(0), n), width * height * 3)), { raw: { width, height, channels: 3 } });

export async function makePictures(folder, count, width = 500, height = 375) {
  let bytes = 0;
  for (const name of ['train/a', 'train/b', 'val/a']) await mkdir(join(folder, name), { recursive: true });
  for (let n = 0; n < count; n += 1) {
    const coarse = noise(2 * n, 10, 8).resize(width, height, { kernel: 'cubic', fit: 'fill' });
    const fine = await noise(2 * n + 1, width >> 1, height >> 1)
      .resize(width, height, { fit: 'fill' })
      .ensureAlpha(0.25)
      .png()
      .toBuffer();
    const jpeg = await coarse
      .composite([{ input: fine }])
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(folder, n % 2 === 0 ? 'train/a' : 'train/b', `${n}.jpg`), jpeg);
    if (n === 0) await writeFile(join(folder, 'val/a/0.jpg'), jpeg);
    bytes += jpeg.length;
  }
  return bytes;
}
