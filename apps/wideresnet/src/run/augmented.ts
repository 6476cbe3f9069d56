import * as datasets from '@steppe/datasets';
import { type Dataset, isIndexed, type Split } from '@steppe/datasets';
import { type FileSplit, randomResizedCrop, withView } from '@steppe/datasets/node';
import { type AugmentationEntry, type Augmenting, augmentations } from '../options/augmentations.ts';
import type { Options } from '../options/table.ts';

/** Images in memory, or in files. */
export type AnyImages = Split | FileSplit;

/** How an augmentation changes the images of a dataset; undefined where it is not known for them. */
export function augmenting(
  name: Options['augment'],
  { name: dataset, train, shape }: Pick<Dataset<AnyImages>, 'name' | 'train' | 'shape'>,
): Augmenting | undefined {
  const { make }: AugmentationEntry = augmentations[name];
  return make(datasets, { name: isIndexed(train) ? undefined : dataset, side: shape[1] });
}

/** Shows another part of each image in a file at each step, where the augmentation crops. */
function viewed(name: Options['augment'], split: AnyImages): AnyImages {
  const { crops }: AugmentationEntry = augmentations[name];
  if (crops === 'no' || !isIndexed(split)) return split;
  return withView(split, randomResizedCrop(split.shape[0], { flip: crops === 'mirrored' ? 0.5 : 0 }));
}

/** The training images of a run as a step sees them, with the options of `batches` that change them at random. */
export const trainingImages = (
  { augment }: Pick<Options, 'augment'>,
  dataset: Dataset<AnyImages>,
): { readonly split: AnyImages; readonly changes: Augmenting } => ({
  split: viewed(augment, dataset.train),
  changes: augmenting(augment, dataset) ?? {},
});
