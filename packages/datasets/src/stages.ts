import { foldIn, type Key } from '@steppe/random';
import type { Normalization, Shape } from './dataset.ts';
import type { Augmentation, ByteAugmentation } from './image.ts';
import { normalize } from './normalize.ts';

/** What happens to the bytes of an image on their way into a batch, each with the key from which that of an example
 * derives. */
export type Stages = {
  readonly shape: Shape;
  /** Which part of an image is seen, for images that are read when a batch needs them. */
  readonly ofViews: Key;
  readonly augmentBytes?: ByteAugmentation | undefined;
  readonly ofBytes: Key;
  readonly normalization: Normalization;
  readonly augment?: Augmentation | undefined;
  readonly ofImages: Key;
};

/** Refuses what an augmentation made of an image when it is no image of that size. */
function checkSize(pixels: Float32Array | Uint8Array, size: number, like: Float32Array | Uint8Array): void {
  if (pixels.BYTES_PER_ELEMENT !== like.BYTES_PER_ELEMENT)
    throw new Error(`An augmentation of a ${like.constructor.name} gives one, got a ${pixels.constructor.name}.`);
  if (pixels.length !== size)
    throw new Error(`An augmentation keeps the size of an image: ${size} numbers, got ${pixels.length}.`);
}

/**
 * Makes the function that takes an image through all stages into its place in a batch: bytes augmented, normalized,
 * then augmented as numbers.
 *
 * The keys of an example are derived from its number alone, so that it looks the same in a batch of any size.
 */
export function finisher({
  shape,
  augmentBytes,
  ofBytes,
  normalization,
  augment,
  ofImages,
}: Stages): (bytes: Uint8Array, example: number, out: Float32Array) => void {
  const normalized = normalize(normalization);
  const size = shape[0] * shape[1] * shape[2];
  const changed = (bytes: Uint8Array, example: number): Uint8Array => {
    if (augmentBytes === undefined) return bytes;
    // A copy, so that whatever the function does to its image, the split stays as it is.
    const { pixels } = augmentBytes(foldIn(ofBytes, example), { pixels: new Uint8Array(bytes), shape });
    checkSize(pixels, size, bytes);
    return pixels;
  };
  return (bytes, example, out) => {
    normalized(changed(bytes, example), out);
    if (augment === undefined) return;
    const { pixels } = augment(foldIn(ofImages, example), { pixels: out, shape });
    checkSize(pixels, size, out);
    if (pixels !== out) out.set(pixels);
  };
}
