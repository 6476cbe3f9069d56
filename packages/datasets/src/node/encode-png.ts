import { refusal } from '@steppe/check';
import sharp from 'sharp';
import type { ByteImage } from '../image.ts';

/**
 * Makes a PNG file of an image of bytes, such as a contact sheet.
 *
 * @returns The bytes of the file: grey for one channel, colours for three, with transparency for two and four.
 * @throws When it is no image of bytes, or has other than 1 to 4 channels, or its pixels do not fit its shape.
 *
 * @example
 * ```ts
 * import { encodePng } from '@steppe/datasets/node';
 *
 * const png = await encodePng({ pixels: Uint8Array.of(255, 0, 0), shape: [1, 1, 3] });
 * console.log(new TextDecoder('latin1').decode(png.subarray(1, 4))); // => PNG
 * ```
 */
export async function encodePng(image: ByteImage): Promise<Uint8Array> {
  const { pixels, shape }: Partial<ByteImage> = Object(image);
  if (!(pixels instanceof Uint8Array) || !Array.isArray(shape))
    throw refusal('image', '{ pixels, shape } of bytes', image);
  const [height, width, channels] = shape as ByteImage['shape'];
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4)
    throw new Error(`A PNG has 1 to 4 channels, got ${channels}.`);
  if (pixels.length !== height * width * channels)
    throw new Error(`An image of ${height} x ${width} x ${channels} has other than ${pixels.length} bytes.`);
  const picture = sharp(pixels, { raw: { width, height, channels } });
  return await (channels < 3 ? picture.toColourspace('b-w') : picture).png().toBuffer();
}
