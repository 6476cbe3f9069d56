import { checkNumber, refusal } from '@steppe/check';
import type { IndexedSplit } from '../../dataset.ts';
import type { FileImages } from './file-images.ts';
import { sideRule, type View } from './view.ts';

/** Labelled images in files, or any part of them. */
export type FileSplit = IndexedSplit<FileImages>;

/**
 * Shows a network another part of the images of a split: random crops to train on, the centre to be evaluated on.
 *
 * @returns The same images with the same labels, in the shape of the view.
 * @throws When the images of the split are not in files: what is in memory is as large as it is.
 *
 * @example
 * ```ts
 * import { loadImageFolder, randomResizedCrop, withView } from '@steppe/datasets/node';
 *
 * const trainingView = async (folder: string) => {
 *   const { train } = await loadImageFolder(folder, { size: 224 });
 *   return withView(train, randomResizedCrop(160));
 * };
 * console.log(typeof trainingView); // => function
 * ```
 */
export function withView(split: FileSplit, view: View): FileSplit {
  const { images, shape }: FileSplit = Object(split);
  if (typeof images?.seenBy !== 'function')
    throw refusal('split', 'images in files, as loadImageFolder gives them', split);
  checkNumber('The size of the view', Object(view).size, sideRule);
  return { ...split, images: images.seenBy(view), shape: [view.size, view.size, shape[2]] };
}
