import { type Batch, cutmix, mixup } from '@steppe/datasets';
import type { Key } from '@steppe/random';
import { dispose } from '@steppe/tree';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Options } from '../options/table.ts';

/** Images of a step with their class numbers, `[batch]`, or how much of each class they are, `[batch, classes]`. */
export type TrainingBatch = { readonly images: Tensor4D; readonly labels: Tensor1D | Tensor2D };

/** Mixes the images of a batch with each other and their labels, where the options ask for it; the batch is freed then. */
export function mixed(
  key: Key,
  batch: Batch,
  { mixup: alpha, cutmix: area }: Pick<Options, 'mixup' | 'cutmix'>,
  classes: number,
): TrainingBatch {
  if (alpha === undefined && area === undefined) return batch;
  try {
    return alpha === undefined
      ? cutmix(key, batch, { classes, ...(area !== undefined && { alpha: area }) })
      : mixup(key, batch, { classes, alpha });
  } finally {
    dispose(batch);
  }
}
