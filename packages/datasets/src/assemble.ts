import { foldIn, type Key } from '@steppe/random';
import type { Split } from './dataset.ts';
import type { Augmentation } from './image.ts';
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

/**
 * Makes the function that turns example numbers into a batch: normalized, then augmented.
 *
 * The key of an example is derived from its number alone, so that it looks the same in a batch of any size.
 */
export function assembler(
  split: Split,
  augment: Augmentation | undefined,
  key: Key,
): (examples: Uint32Array) => HostBatch {
  checkFit(split);
  const normalized = normalize(split.normalization);
  const { shape } = split;
  const size = shape[0] * shape[1] * shape[2];
  return (examples) => {
    const images = new Float32Array(examples.length * size);
    const labels = new Int32Array(examples.length);
    for (const [i, example] of examples.entries()) {
      const pixels = images.subarray(i * size, (i + 1) * size);
      normalized(split.images.subarray(example * size, (example + 1) * size), pixels);
      labels[i] = split.labels[example] as number;
      if (augment === undefined) continue;
      const augmented = augment(foldIn(key, example), { pixels, shape }).pixels;
      if (augmented.length !== size)
        throw new Error(`An augmentation keeps the size of an image: ${size} numbers, got ${augmented.length}.`);
      if (augmented !== pixels) pixels.set(augmented);
    }
    return { images, labels };
  };
}
