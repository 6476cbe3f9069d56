import { constants } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { asBytes } from '@steppe/check';
import { classNames } from '../classes.ts';
import type { Split } from '../dataset.ts';
import { normalizations } from '../normalize.ts';
import { plain } from './bytes.ts';
import { type MatArray, parseMat } from './mat.ts';
import type { Recipe } from './recipe.ts';

const side = 32;
const channels = 3;
const size = side * side * channels;
/** Room for what describes the arrays in the file. */
const tags = 8192;
/** A number is stored in eight bytes at most, as a double or an int64. */
const widest = 8;

/** Pixels that another program saved as other numbers: whole numbers from 0 to 255, or shares k/255 of them. */
function pixels(data: Float64Array): Uint8Array {
  const isByte = (x: number): boolean => Number.isInteger(x) && x >= 0 && x <= 255;
  if (data.every(isByte)) return Uint8Array.from(data);
  const bytes = data.map((x) => x * 255);
  if (bytes.every((x) => Math.abs(x - Math.round(x)) < 1e-3 && isByte(Math.round(x))))
    return Uint8Array.from(bytes, Math.round);
  const at = data.findIndex((x) => !isByte(x));
  throw new Error(
    `X of SVHN holds bytes from 0 to 255, or these divided by 255, got ${data[at]}: save the images before they were ` +
      'normalized, as uint8.',
  );
}

/** Says what to do with images whose count comes first, as NumPy's users keep them. */
const turned = (dims: readonly number[]): string =>
  dims.slice(1).join() === [side, side, channels].join() ? ' Save X.transpose(1, 2, 3, 0).' : '';

/** MATLAB counts the class of the digit 0 as 10. */
function digits(y: MatArray, count: number): Uint8Array {
  if (y.data.length !== count) throw new Error(`SVHN has one label for each of ${count} images, got ${y.data.length}.`);
  return Uint8Array.from(y.data, (label, i) => {
    if (!Number.isInteger(label) || label < 1 || label > 10)
      throw new Error(`A label of SVHN lies in 1 … 10, got ${label} for example ${i}.`);
    return label % 10;
  });
}

function gunzip(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(limit, constants.MAX_LENGTH) });
  } catch (cause) {
    throw new Error(`The gzip of the .mat file is damaged, or unpacks to more than ${limit} bytes.`, { cause });
  }
}

/**
 * Reads a file of SVHN's cropped digits: `X`, bytes of 32 x 32 x 3 x count in column-major order, and `y`, labels 1 …
 * 10 (10 means 0).
 *
 * As published, or saved again by another program in version 5, packed by gzip or not: labels and pixels of any type of
 * number, if each is one; pixels divided by 255 too.
 *
 * @param most - The most images that the file may unpack to; by default the 531,131 of the extra set.
 * @throws When the file is no bytes or damaged, or holds other arrays than these.
 * @see http://ufldl.stanford.edu/housenumbers/, "Format 2: Cropped Digits"
 *
 * @example
 * ```ts
 * import { parseSvhn } from '@steppe/datasets/node';
 *
 * try {
 *   parseSvhn(new TextEncoder().encode('<html>'));
 * } catch (error) {
 *   console.log(String(error)); // => Error: Not a .mat file: 6 bytes are less than its header of 128.
 * }
 * ```
 */
export function parseSvhn(file: Uint8Array | ArrayBuffer, most = 531_131): Split {
  const bytes = asBytes('A file of SVHN', file);
  const limit = most * widest * (size + 1) + tags;
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const arrays = parseMat(isPacked ? plain(gunzip(bytes, limit)) : bytes, limit);
  const [x, y] = [arrays.get('X'), arrays.get('y')];
  if (x === undefined || y === undefined)
    throw new Error(`A file of SVHN holds the arrays X and y, got ${[...arrays.keys()].join(', ') || 'none'}.`);
  const [rows, columns, colours, count = 0] = x.dims;
  if (x.dims.length !== 4 || rows !== side || columns !== side || colours !== channels)
    throw new Error(`X of SVHN holds bytes of 32 x 32 x 3 x count, got ${x.dims.join(' x ')}.${turned(x.dims)}`);
  const labels = digits(y, count);
  const data = x.data instanceof Uint8Array ? x.data : pixels(x.data);
  const images = new Uint8Array(count * size);
  for (let n = 0; n < count; n += 1)
    for (let c = 0; c < channels; c += 1)
      for (let column = 0; column < side; column += 1)
        for (let row = 0; row < side; row += 1)
          images[((n * side + row) * side + column) * channels + c] = data[
            ((n * channels + c) * side + column) * side + row
          ] as number;
  return { images, labels, shape: [side, side, channels], normalization: normalizations.svhn };
}

const stanford = 'http://ufldl.stanford.edu/housenumbers/';

/** SVHN's cropped digits: 73,257 + 26,032 colour images of 32 x 32, without the extra set. For non-commercial use
 * only. */
export const svhn: Recipe = {
  name: 'svhn',
  classes: classNames.digits,
  files: [
    {
      name: 'train_32x32.mat',
      urls: [`${stanford}train_32x32.mat`],
      bytes: 182_040_794,
      sha256: '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
    },
    {
      name: 'test_32x32.mat',
      urls: [`${stanford}test_32x32.mat`],
      bytes: 64_275_384,
      sha256: 'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
    },
  ],
  other: ' If another program saved it again, parseSvhn reads it.',
  read: (contentOf) => ({
    train: parseSvhn(contentOf('train_32x32.mat'), 73_257),
    test: parseSvhn(contentOf('test_32x32.mat'), 26_032),
  }),
};

/** Two splits of images of one size as one. */
function join(first: Split, second: Split): Split {
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images);
  images.set(second.images, first.images.length);
  const labels = new Uint8Array(first.labels.length + second.labels.length);
  labels.set(first.labels);
  labels.set(second.labels, first.labels.length);
  return { ...first, images, labels };
}

/** SVHN with its extra set: 73,257 + 531,131 training and 26,032 test images, as the SAM paper trains on them. */
export const svhnExtra: Recipe = {
  ...svhn,
  name: 'svhn-extra',
  folder: 'svhn',
  files: [
    ...svhn.files,
    {
      name: 'extra_32x32.mat',
      urls: [`${stanford}extra_32x32.mat`],
      bytes: 1_329_278_602,
      sha256: 'a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
    },
  ],
  read: (contentOf) => ({
    train: join(parseSvhn(contentOf('train_32x32.mat'), 73_257), parseSvhn(contentOf('extra_32x32.mat'), 531_131)),
    test: parseSvhn(contentOf('test_32x32.mat'), 26_032),
  }),
};
