import { checkOneOf } from '@steppe/check';
import { basicAugmentation } from './basic.ts';
import type { BatchOptions } from './batches.ts';
import { autoAugment } from './bytes/auto-augment.ts';
import { cutout } from './cutout.ts';
import { compose } from './image.ts';

/** The datasets for which the SAM paper says how images are augmented. */
export type PaperData = 'cifar10' | 'cifar100' | 'svhn' | 'fashion-mnist';

/** The rows of the SAM paper's tables, `autoaugment` for "AA". */
export type PaperLevel = 'none' | 'basic' | 'cutout' | 'autoaugment';

/** The options of `batches` that augment. */
type Augmenting = Pick<BatchOptions, 'augment' | 'augmentBytes'>;

/** Where AutoAugment shows nothing, the code of the paper has grey. */
const grey = { fill: 128 };

/** "AA" is not the same for all data. */
const autoaugment: { readonly [data in PaperData]: () => Augmenting } = {
  cifar10: () => ({ augmentBytes: autoAugment('cifar10', grey), augment: compose(basicAugmentation(), cutout(16)) }),
  cifar100: () => ({ augmentBytes: autoAugment('cifar10', grey), augment: compose(basicAugmentation(), cutout(16)) }),
  svhn: () => ({ augmentBytes: autoAugment('svhn', grey), augment: cutout(16) }),
  'fashion-mnist': () => ({ augment: cutout(16) }),
};

const levels: { readonly [level in PaperLevel]: (data: PaperData) => Augmenting } = {
  none: () => ({}),
  basic: () => ({ augment: basicAugmentation() }),
  cutout: () => ({ augment: compose(basicAugmentation(), cutout(16)) }),
  autoaugment: (data) => autoaugment[data](),
};

/**
 * Gives the augmentation of a row of the SAM paper's tables 1 and 5, as options of `batches`.
 *
 * `basic` is flip and crop, `cutout` adds a square of 16 pixels. `autoaugment`, the rows "AA", is AutoAugment, flip, crop
 * and cutout in this order for CIFAR, AutoAugment and cutout without flip and crop for SVHN, and cutout only for
 * Fashion-MNIST, where the paper leaves open whether images are flipped and cropped: here they are not.
 *
 * @throws When the data or the level is none of these.
 * @see Foret et al., Sharpness-aware minimization (ICLR 2021), sections 3.1 and B.1; google-research/sam,
 * sam_jax/datasets/dataset_source.py
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { batches, paperAugmentation } from '@steppe/datasets';
 * import { loadDataset } from '@steppe/datasets/node';
 *
 * const { train } = await loadDataset('fashion-mnist-mini');
 * const options = { batchSize: 128, shuffle: true, ...paperAugmentation('fashion-mnist', 'autoaugment') };
 * for await (const { images, labels } of batches(train, options)) {
 *   console.log(images.shape); // => [ 128, 28, 28, 1 ]
 *   tf.dispose([images, labels]);
 *   break;
 * }
 * ```
 */
export function paperAugmentation(data: PaperData, level: PaperLevel): Augmenting {
  checkOneOf('data', data, Object.keys(autoaugment));
  checkOneOf('level', level, Object.keys(levels));
  return levels[level](data);
}
