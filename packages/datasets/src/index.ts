export { asymmetricLabelNoise } from './asymmetric-label-noise.ts';
export { basicAugmentation } from './basic.ts';
export { cropBatch, cutoutBatch, erasingBatch, flipBatch } from './batch/augmentations.ts';
export { type BatchAugmentation, composeBatch } from './batch/batch-augmentation.ts';
export { cutmix } from './batch/cutmix.ts';
export { type JitterBatchOptions, jitterBatch } from './batch/jitter.ts';
export type { MixBatch, MixedBatch, MixOptions } from './batch/mix-batch.ts';
export { mixup } from './batch/mixup.ts';
export { type Batch, type BatchOptions, batchCount, batches } from './batches.ts';
export { autoAugment, type FillOptions } from './bytes/auto-augment.ts';
export { type ColorJitterOptions, colorJitter } from './bytes/color-jitter.ts';
export type { OperationName } from './bytes/operations.ts';
export type { PolicyStep, SubPolicy } from './bytes/policies.ts';
export { type RandAugmentOptions, randAugment } from './bytes/rand-augment.ts';
export { type CifarRecords, parseCifar10, parseCifar100 } from './cifar.ts';
export { classNames } from './classes.ts';
export { confusions } from './confusions.ts';
export { type ContactSheetOptions, contactSheet } from './contact-sheet.ts';
export { reflectCrop } from './crop.ts';
export { cutout } from './cutout.ts';
export {
  type AnySplit,
  type Dataset,
  type IndexedSplit,
  isIndexed,
  type Normalization,
  type Shape,
  type Split,
  slice,
} from './dataset.ts';
export { describeSplit, type SplitNumbers } from './describe-split.ts';
export { horizontalFlip } from './flip.ts';
export { type FromIdxOptions, fromIdx } from './from-idx.ts';
export { holdOut } from './hold-out.ts';
export { type Idx, parseIdx } from './idx.ts';
export {
  type Augmentation,
  type AugmentationDescription,
  type ByteAugmentation,
  type ByteImage,
  compose,
  type Image,
} from './image.ts';
export type { IndexedImages, Reader } from './indexed.ts';
export { symmetricLabelNoise } from './label-noise.ts';
export type { Labels } from './labels.ts';
export { normalizations, normalize } from './normalize.ts';
export { type PaperData, type PaperLevel, paperAugmentation } from './paper-augmentation.ts';
export { type RandomErasingOptions, randomErasing } from './random-erasing.ts';
export type { Stages } from './stages.ts';
