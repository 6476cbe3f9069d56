import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliDecompressSync, gzipSync } from 'node:zlib';

const require = createRequire(import.meta.url);

/** One idx file of the subset of Fashion-MNIST that `@steppe/datasets` ships, unpacked. */
const read = (name: string): Buffer =>
  brotliDecompressSync(readFileSync(require.resolve(`@steppe/datasets/data/fashion-mnist-mini/${name}.br`)));

function idx(dims: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.set([0, 0, 8, dims.length]);
  for (const [i, side] of dims.entries()) header.writeUInt32BE(side, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

/** The first `count` images of an idx file with half the sides: each pixel is the mean of four. */
export function halved(file: Buffer, count = file.readUInt32BE(4)): Buffer {
  const [height, width] = [file.readUInt32BE(8), file.readUInt32BE(12)];
  const [rows, columns] = [height / 2, width / 2];
  const pixels = file.subarray(16);
  const out = new Uint8Array(count * rows * columns);
  for (let i = 0; i < out.length; i++) {
    const [image, row, column] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
    const at = (image * height + 2 * row) * width + 2 * column;
    const sum = [at, at + 1, at + width, at + width + 1].reduce((total, place) => total + (pixels[place] as number), 0);
    out[i] = Math.round(sum / 4);
  }
  return idx([count, rows, columns], out);
}

const firstLabels = (file: Buffer, count: number): Buffer => idx([count], file.subarray(8, 8 + count));

export const pack = (bytes: Buffer): Buffer => gzipSync(bytes, { level: 9 });

/** Files beside the page, by name. */
export type Files = { readonly [name: string]: Buffer };

/**
 * The images that the page downloads, 14 × 14 pixels, as idx files in gzip.
 *
 * A quarter of the pixels is a quarter of the arithmetic: the curves then move on a laptop without a graphics card.
 */
export function shippedImages(train = 2000, test = 500): Files {
  return {
    'train-images.bin': pack(halved(read('train-images-idx3-ubyte'), train)),
    'train-labels.bin': pack(firstLabels(read('train-labels-idx1-ubyte'), train)),
    'test-images.bin': pack(halved(read('t10k-images-idx3-ubyte'), test)),
    'test-labels.bin': pack(firstLabels(read('t10k-labels-idx1-ubyte'), test)),
  };
}
