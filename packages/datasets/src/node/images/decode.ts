import type { Key } from '@steppe/random';
import sharp, { type Sharp } from 'sharp';
import { plain } from '../bytes.ts';
import { jpegSides, type Sides } from './jpeg-sides.ts';
import { regionOf } from './region.ts';
import type { View } from './view.ts';

/** How encoded images become pixels. */
export type DecodeOptions = {
  readonly view: View;
  /** 3 for colour, 1 for grey. */
  readonly channels: 1 | 3;
  /** The most pixels of an image: a small file may unpack to a huge one. */
  readonly maxPixels: number;
};

/** The formats that are read, as libvips names them, whatever the name of the file says. */
const formats: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']);

const open = (bytes: Uint8Array, { maxPixels }: DecodeOptions): Sharp =>
  // Warnings are common in photographs that every program shows; what is cut short or damaged is refused.
  sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, sequentialRead: true, ignoreIcc: true });

/** Opaque pixels of an image with transparency: the colours below it as they are stored, as Pillow's `convert('RGB')`. */
async function opaque(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({
    resolveWithObject: true,
  });
  const { width, height, channels } = info;
  return sharp(data, { raw: { width, height, channels: channels as 1 | 3 } });
}

/** The image upright and opaque, with its sides. */
async function upright(bytes: Uint8Array, options: DecodeOptions): Promise<readonly [image: Sharp, sides: Sides]> {
  const image = open(bytes, options);
  const sides = jpegSides(bytes);
  if (sides !== undefined) return [image, sides];
  const { format, autoOrient, hasAlpha } = await image.metadata();
  if (!formats.has(format)) throw new Error(`is of the format ${format}, which is not read here`);
  const turned = image.autoOrient();
  return [hasAlpha ? await opaque(turned) : turned, autoOrient];
}

/**
 * Decodes an image of a file: upright (EXIF), in 8 bits, in colour or grey, and the part of it that the view shows.
 *
 * @returns Bytes, `[size, size, channels]`; the same bytes, options and key give the same pixels.
 * @throws When the bytes are no image, damaged, or more pixels than allowed; the message goes on from a file's name.
 */
export async function decode(bytes: Uint8Array, options: DecodeOptions, key: Key): Promise<Uint8Array> {
  try {
    return await decodeWithin(bytes, options, key);
  } catch (cause) {
    if (!(cause as Error).message.includes('exceeds pixel limit')) throw cause;
    throw new Error(`it has more pixels than maxPixels allows, ${options.maxPixels}`, { cause });
  }
}

async function decodeWithin(bytes: Uint8Array, options: DecodeOptions, key: Key): Promise<Uint8Array> {
  const { view, channels } = options;
  let [image, { width, height }] = await upright(bytes, options);
  const { cut, resized, kept, isMirrored } = regionOf(view, key, width, height);
  if (cut.width !== width || cut.height !== height) image = image.extract(cut);
  image = image.resize(resized.width, resized.height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
  if (kept.width !== resized.width || kept.height !== resized.height) image = image.extract(kept);
  if (isMirrored) image = image.flop();
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return withChannels(plain(data), info.channels, channels);
}

/** Gives every pixel the wanted number of channels: grey in colour thrice, of a colour the luma of ITU-R 601-2. */
function withChannels(data: Uint8Array, from: number, to: 1 | 3): Uint8Array {
  if (from === to) return data;
  const count = data.length / from;
  const out = new Uint8Array(count * to);
  if (to === 3) for (let i = 0; i < count; i += 1) out.fill(data[i * from] as number, 3 * i, 3 * i + 3);
  else
    for (let i = 0; i < count; i += 1) {
      const [red = 0, green = 0, blue = 0] = data.subarray(3 * i, 3 * i + 3);
      out[i] = (299 * red + 587 * green + 114 * blue + 500) / 1000;
    }
  return out;
}
