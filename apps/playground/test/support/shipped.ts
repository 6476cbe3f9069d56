import { gunzipSync } from 'node:zlib';
import { fromIdx, type Split } from '@steppe/datasets';
import { shippedImages } from '../../build/shipped-images.ts';
import type { Images } from '../../src/training/images.ts';

/** The images that the page downloads, as it unpacks them. */
export function images(): Images {
  const files = shippedImages();
  const read = (name: string): Uint8Array => new Uint8Array(gunzipSync(files[`${name}.bin`] as Buffer));
  const split = (name: string): Split => fromIdx(read(`${name}-images`), read(`${name}-labels`));
  return { train: split('train'), test: split('test') };
}
