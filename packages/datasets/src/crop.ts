import { shown } from '@steppe/check';
import { bits, type Key } from '@steppe/random';
import type { Shape } from './dataset.ts';
import { type Augmentation, described, type Image } from './image.ts';
import { place } from './place.ts';

/** The place inside 0 … side - 1 that a place outside mirrors; the edge itself is not doubled. */
export const reflect = (at: number, side: number): number => (at < 0 ? -at : at >= side ? 2 * side - 2 - at : at);

/** Refuses what is no number of pixels to pad. */
export function checkPad(pad: number): void {
  if (!Number.isInteger(pad) || pad < 0) throw new Error(`A crop pads by a whole number of pixels, got ${shown(pad)}.`);
}

/** Draws how far an image is shifted, at most `pad` pixels in each direction. */
export function drawShift(key: Key, pad: number, [height, width]: Shape): readonly [down: number, right: number] {
  if (Math.min(height, width) <= pad)
    throw new Error(`Reflecting ${pad} pixels needs sides of at least ${pad + 1}, got ${height} x ${width}.`);
  const words = bits(key, 2);
  return [place(words[0], 2 * pad + 1) - pad, place(words[1], 2 * pad + 1) - pad];
}

/**
 * Shifts an image by up to `pad` pixels in each direction and fills what comes into view by reflection:
 * the same as padding by reflection and cutting out the old size at random.
 *
 * @param pad - A whole number of pixels; 4 as in the SAM paper.
 * @throws When `pad` is not a whole number, or when an image has a side of `pad` pixels or less: there is not enough to
 * reflect.
 * @see google-research/sam, `weak_image_augmentation`; He et al., Deep residual learning (CVPR 2016), section 4.2, pads
 * by zeros.
 *
 * @example
 * ```ts
 * import { reflectCrop } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: Float32Array.from({ length: 25 }, (_, i) => i), shape: [5, 5, 1] } as const;
 * console.log(reflectCrop(4)(key(0), image).pixels.length); // => 25
 * ```
 */
export function reflectCrop(pad = 4): Augmentation {
  checkPad(pad);
  return described('reflectCrop', [pad], (key, { pixels, shape }: Image) => {
    const [height, width, channels] = shape;
    const [down, right] = drawShift(key, pad, shape);
    const out = new Float32Array(pixels.length);
    for (let row = 0; row < height; row += 1) {
      const line = reflect(row + down, height) * width;
      for (let column = 0; column < width; column += 1) {
        const to = (row * width + column) * channels;
        const from = (line + reflect(column + right, width)) * channels;
        for (let c = 0; c < channels; c += 1) out[to + c] = pixels[from + c] as number;
      }
    }
    return { pixels: out, shape };
  });
}
