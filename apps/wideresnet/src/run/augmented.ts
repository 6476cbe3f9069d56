import type { Dataset, Split } from '@steppe/datasets';
import * as datasets from '@steppe/datasets';
import { type AugmentationEntry, type Augmenting, augmentations } from '../options/augmentations.ts';
import type { Options } from '../options/table.ts';

/** How an augmentation changes the images of a dataset; undefined where it is not known for them. */
export function augmenting(
  name: Options['augment'],
  { name: dataset, shape }: Pick<Dataset, 'name' | 'shape'>,
): Augmenting | undefined {
  const { make }: AugmentationEntry = augmentations[name];
  return make(datasets, { name: dataset, side: shape[1] });
}

/** The training images of a run as a step sees them, with the options of `batches` that change them at random. */
export const trainingImages = (
  { augment }: Pick<Options, 'augment'>,
  dataset: Dataset,
): { readonly split: Split; readonly changes: Augmenting } => ({
  split: dataset.train,
  changes: augmenting(augment, dataset) ?? {},
});
