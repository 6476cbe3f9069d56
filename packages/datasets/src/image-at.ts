import { type Key, key } from '@steppe/random';
import { type AnySplit, isIndexed } from './dataset.ts';
import type { ByteImage } from './image.ts';

/** One key for all images: equal files are seen from the same side, also where a view is drawn. */
const ofView: Key = key(0);

/** An example of a split as bytes, without augmentation. */
export function imageAt(split: AnySplit, example: number): ByteImage | Promise<ByteImage> {
  if (isIndexed(split)) return split.images.example(split.places[example] as number, ofView);
  const { images, shape } = split;
  const size = shape[0] * shape[1] * shape[2];
  return { pixels: images.subarray(example * size, (example + 1) * size), shape };
}
