import sharp from 'sharp';
import type { ByteImage } from '../image.ts';

/**
 * Makes a PNG file of an image of bytes, such as a contact sheet.
 *
 * @returns The bytes of the file: grey for one channel, colours for three, with transparency for two and four.
 * @throws When the image has other than 1 to 4 channels, or its pixels do not fit its shape.
 *
 * @example
 * ```ts
 * import { encodePng } from '@steppe/datasets/node';
 *
 * const png = await encodePng({ pixels: Uint8Array.of(255, 0, 0), shape: [1, 1, 3] });
 * console.log(new TextDecoder('latin1').decode(png.subarray(1, 4))); // => PNG
 * ```
 */
export async function encodePng({ pixels, shape: [height, width, channels] }: ByteImage): Promise<Uint8Array> {
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4)
    throw new Error(`A PNG has 1 to 4 channels, got ${channels}.`);
  if (pixels.length !== height * width * channels)
    throw new Error(`An image of ${height} x ${width} x ${channels} has other than ${pixels.length} bytes.`);
  const image = sharp(pixels, { raw: { width, height, channels } });
  return await (channels < 3 ? image.toColourspace('b-w') : image).png().toBuffer();
}
