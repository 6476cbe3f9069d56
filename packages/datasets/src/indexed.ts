import type { Key } from '@steppe/random';
import type { ByteImage } from './image.ts';
import type { Stages } from './stages.ts';

/** Reads the images of many examples at a time, each through all stages of a batch. */
export type Reader = {
  /**
   * Gives normalized pixels, `[examples, height, width, channels]`.
   *
   * @param places - Which images.
   * @param examples - The number of each one in its split, from which its randomness comes.
   */
  readonly read: (places: Uint32Array, examples: Uint32Array) => Promise<Float32Array>;
  /** Ends what is under way; its results are lost. */
  readonly close: () => void;
};

/**
 * Images that are read one at a time, from files of any size or from wherever a function gets them.
 *
 * What `loadImageFolder` of `@steppe/datasets/node` makes reads them in worker threads.
 */
export type IndexedImages = {
  readonly count: number;
  /**
   * Gives an image as bytes of the split's shape. Where it is cut at random, it is by the key alone: the same place and
   * key give the same bytes.
   */
  readonly example: (place: number, key: Key) => ByteImage | Promise<ByteImage>;
  /** The 32 bytes by which `hashDataset` knows an image. */
  readonly digest?: (place: number) => Uint8Array;
  /** Prepares to read many at a time; without it the calling thread asks for one example after another. */
  readonly open?: (stages: Stages) => Reader;
};

/** Refuses an image of another shape than its split has, which would shift all that follow. */
export function checkShape({ pixels, shape }: ByteImage, [height, width, channels]: Stages['shape']): void {
  if (pixels.length === height * width * channels && shape[0] === height && shape[1] === width) return;
  throw new Error(`An image of this split has ${height} x ${width} x ${channels} bytes, got ${shape.join(' x ')}.`);
}
