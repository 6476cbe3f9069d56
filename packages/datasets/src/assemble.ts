import { foldIn, type Key } from '@steppe/random';
import type { Split } from './dataset.ts';
import type { Augmentation, ByteAugmentation } from './image.ts';
import { normalize } from './normalize.ts';

/** A batch before it is on a device. */
export type HostBatch = {
  readonly images: Float32Array;
  readonly labels: Int32Array;
};

/** Refuses a split whose parts do not fit together, which would read one image into the next. */
function checkFit({ images, labels, shape, normalization }: Split): void {
  const [height, width, channels] = shape;
  if (images.length !== labels.length * height * width * channels)
    throw new Error(`${labels.length} images of ${shape.join(' x ')} have other than ${images.length} bytes.`);
  if (normalization.mean.length !== channels)
    throw new Error(`Images of ${channels} channels need as many means, got ${normalization.mean.length}.`);
}

/** What changes images on their way into a batch, each with the key that those of its examples derive from. */
export type Changes = {
  readonly augmentBytes?: ByteAugmentation | undefined;
  readonly ofBytes: Key;
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
 * Makes the function that turns example numbers into a batch: bytes augmented, normalized, then augmented as numbers.
 *
 * The keys of an example are derived from its number alone, so that it looks the same in a batch of any size.
 */
export function assembler(
  split: Split,
  { augmentBytes, ofBytes, augment, ofImages }: Changes,
): (examples: Uint32Array) => HostBatch {
  checkFit(split);
  const normalized = normalize(split.normalization);
  const { shape } = split;
  const size = shape[0] * shape[1] * shape[2];
  const bytesOf = (example: number): Uint8Array => {
    const bytes = split.images.subarray(example * size, (example + 1) * size);
    if (augmentBytes === undefined) return bytes;
    // A copy, so that whatever the function does to its image, the split stays as it is.
    const { pixels } = augmentBytes(foldIn(ofBytes, example), { pixels: new Uint8Array(bytes), shape });
    checkSize(pixels, size, bytes);
    return pixels;
  };
  return (examples) => {
    const images = new Float32Array(examples.length * size);
    const labels = new Int32Array(examples.length);
    for (const [i, example] of examples.entries()) {
      const pixels = images.subarray(i * size, (i + 1) * size);
      normalized(bytesOf(example), pixels);
      labels[i] = split.labels[example] as number;
      if (augment === undefined) continue;
      const augmented = augment(foldIn(ofImages, example), { pixels, shape }).pixels;
      checkSize(augmented, size, pixels);
      if (augmented !== pixels) pixels.set(augmented);
    }
    return { images, labels };
  };
}
