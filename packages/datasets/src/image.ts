import { checkFunction, refusal } from '@steppe/check';
import { foldIn, type Key } from '@steppe/random';
import type { Shape } from './dataset.ts';

/** One image on the host: normalized pixels, `[height, width, channels]`. */
export type Image = {
  readonly pixels: Float32Array;
  readonly shape: Shape;
};

/** One image on the host as it is in its file: bytes, `[height, width, channels]`. */
export type ByteImage = {
  readonly pixels: Uint8Array;
  readonly shape: Shape;
};

/** Which function of this package made an augmentation, and with what: plain data, so that a worker makes it anew. */
export type AugmentationDescription = {
  readonly name: string;
  readonly args: readonly unknown[];
};

/** A function of a key and an image that gives an image; those of this package say how to make them anew. */
type Change<Of> = {
  (key: Key, image: Of): Of;
  readonly description?: AugmentationDescription;
};

/**
 * Changes an image at random: the same key and image always give the same image, and the given one stays as it is.
 *
 * The batch loader hands every example of every epoch a key of its own, so no augmentation depends on the batch it is
 * in.
 */
export type Augmentation = Change<Image>;

/**
 * Changes the bytes of an image at random, before they are normalized: what AutoAugment and its relatives do.
 *
 * The same key and image always give the same image, and the given one stays as it is.
 */
export type ByteAugmentation = Change<ByteImage>;

/** Refuses what is no image on the host. */
function checkHostImage(image: unknown): void {
  const { pixels, shape }: Partial<Image> = Object(image);
  if (!ArrayBuffer.isView(pixels) || !Array.isArray(shape) || shape.length !== 3)
    throw refusal('image', '{ pixels, shape: [height, width, channels] }', image);
}

const noted = <Of>(name: string, args: readonly unknown[], change: (key: Key, image: Of) => Of): Change<Of> =>
  Object.assign(change, { description: { name, args } });

/** Makes an augmentation that refuses what is no image, and notes on it how it was made. */
export const described = <Of>(
  name: string,
  args: readonly unknown[],
  change: (key: Key, image: Of) => Of,
): Change<Of> =>
  noted<Of>(name, args, (key, image) => {
    checkHostImage(image);
    return change(key, image);
  });

/**
 * Applies augmentations one after the other, each with a key of its own: `compose()` leaves images as they are.
 *
 * All of them change bytes, or all of them normalized pixels.
 *
 * @throws When one is no function.
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
export function compose<Of = Image>(...augmentations: readonly Change<Of>[]): Change<Of> {
  for (const augmentation of augmentations) checkFunction('An augmentation', augmentation);
  const composed = (key: Key, image: Of): Of =>
    augmentations.reduce((current, augment, i) => augment(foldIn(key, i), current), image);
  const args = augmentations.flatMap(({ description }) => description ?? []);
  // One link of unknown making makes the whole unknown.
  return args.length < augmentations.length ? composed : noted('compose', args, composed);
}
