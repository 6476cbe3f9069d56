import { gunzipSync } from 'node:zlib';
import { fromIdx, type Split } from '@steppe/datasets';
import { type Files, halved, pack, shippedImages } from '../../build/shipped-images.ts';
import type { Images } from '../../src/training/images.ts';

const unpack = (bytes: Buffer | undefined): Buffer => gunzipSync(bytes as Buffer);

/** The images of packed files, as the page unpacks them. */
export function splits(files: Files): Images {
  const split = (name: string): Split =>
    fromIdx(unpack(files[`${name}-images.bin`]), unpack(files[`${name}-labels.bin`]));
  return { train: split('train'), test: split('test') };
}

/** The images that the page downloads. */
export const images = (): Images => splits(shippedImages());

/** The first images of those, halved once more to 7 × 7 pixels: for a device that makes a few images a second. */
export function fewImages(train: number, test: number): Files {
  const files = shippedImages(train, test);
  const smaller = (name: string): Buffer => pack(halved(unpack(files[name])));
  return { ...files, 'train-images.bin': smaller('train-images.bin'), 'test-images.bin': smaller('test-images.bin') };
}
