import { foldIn, type Key } from '@steppe/random';
import type { Shape } from './dataset.ts';

/** One image on the host: normalized pixels, `[height, width, channels]`. */
export type Image = {
  readonly pixels: Float32Array;
  readonly shape: Shape;
};

/**
 * Changes an image at random: the same key and image always give the same image, and the given one stays as it is.
 *
 * The batch loader hands every example of every epoch a key of its own, so no augmentation depends on the batch it is
 * in.
 */
export type Augmentation = (key: Key, image: Image) => Image;

/**
 * Applies augmentations one after the other, each with a key of its own: `compose()` leaves images as they are.
 *
 * @example
 * ```ts
 * import { compose, cutout, horizontalFlip, reflectCrop } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const augment = compose(horizontalFlip(), reflectCrop(4), cutout(16));
 * const image = { pixels: new Float32Array(32 * 32 * 3), shape: [32, 32, 3] } as const;
 * console.log(augment(key(0), image).shape); // => [ 32, 32, 3 ]
 * ```
 */
export function compose(...augmentations: readonly Augmentation[]): Augmentation {
  return (key, image) => augmentations.reduce((current, augment, i) => augment(foldIn(key, i), current), image);
}
