import { reflectCrop } from './crop.ts';
import { horizontalFlip } from './flip.ts';
import { type Augmentation, compose } from './image.ts';

/**
 * Makes the "basic" augmentation of the SAM paper: a coin's flip of left and right, then a crop after reflecting 4
 * pixels.
 *
 * The paper's "cutout" rows are `compose(basicAugmentation(), cutout(16))`.
 *
 * @see Foret et al. (arXiv 2010.01412), section 3.1 and table 1; google-research/sam, `weak_image_augmentation`
 *
 * @example
 * ```ts
 * import { basicAugmentation } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: new Float32Array(28 * 28), shape: [28, 28, 1] } as const;
 * console.log(basicAugmentation()(key(0), image).shape); // => [ 28, 28, 1 ]
 * ```
 */
export function basicAugmentation(): Augmentation {
  return compose(horizontalFlip(), reflectCrop(4));
}
