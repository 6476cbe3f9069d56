import { aNumber, asBytes, checkOptions, count, oneOf, refusal } from '@steppe/check';
import { key } from '@steppe/random';
import type { ByteImage } from '../../image.ts';
import type { View } from './view.ts';

/** How one encoded image becomes pixels. */
export type DecodeImageOptions = {
  /** 3 for colour, 1 for grey. @defaultValue 3 */
  readonly channels?: 1 | 3;
  /** The most pixels of an image before it is cut. @defaultValue 100000000 */
  readonly maxPixels?: number;
};

const checks = { channels: oneOf(1, 3), maxPixels: aNumber(count) };

/**
 * Decodes one image as `loadImageFolder` does, for a network that was trained on such a folder to be asked about it.
 *
 * @param bytes - An encoded image: JPEG, PNG, WebP, GIF, TIFF or AVIF, upright as EXIF says.
 * @param view - What the network sees of it, such as `centerCrop(224)`, as held-out images are seen.
 * @returns Bytes, `[size, size, channels]`; `normalize` makes numbers of them.
 * @throws When the bytes are no such image, damaged, or of more pixels than allowed.
 *
 * @example
 * ```ts
 * import { normalizations, normalize } from '@steppe/datasets';
 * import { centerCrop, decodeImage } from '@steppe/datasets/node';
 *
 * const file = Buffer.from('R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64');
 * const { pixels, shape } = await decodeImage(file, centerCrop(8));
 * const numbers = normalize(normalizations.imagenet)(pixels);
 * console.log(shape, pixels[0], numbers[0]?.toFixed(2)); // => [ 8, 8, 3 ] 255 2.25
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array | ArrayBuffer,
  view: View,
  options: DecodeImageOptions = {},
): Promise<ByteImage> {
  checkOptions('decodeImage', options, checks);
  if (typeof (view as Partial<View> | null)?.size !== 'number')
    throw refusal('view', 'a view, such as centerCrop(224)', view);
  const { channels = 3, maxPixels = 100_000_000 } = options;
  const { decode } = await import('./decode.ts');
  try {
    const pixels = await decode(asBytes('bytes', bytes), { view, channels, maxPixels }, key(0));
    return { pixels, shape: [view.size, view.size, channels] };
  } catch (cause) {
    throw new Error(`bytes are no image that can be read: ${(cause as Error).message}`, { cause });
  }
}
