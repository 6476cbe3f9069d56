import type { Dataset, Normalization } from '@steppe/datasets';
import { centerCrop, resize, type View } from '@steppe/datasets/node';
import { areFiles } from '../options/file-datasets.ts';
import { loadData } from './data.ts';
import type { SavedRun } from './weights.ts';

/** What a run knows of images: enough to show it another one. */
export type Subject = Pick<Dataset, 'classes' | 'shape'> & {
  readonly normalization: Normalization;
  /** What it sees of an image: of files the centre, as of those held out; all of it where its own were small ones. */
  readonly view: View;
};

/**
 * Tells what the images of a run are: by what the run wrote down, or else by its images themselves.
 *
 * @param note - Is told what loading them takes.
 */
export async function subjectOf(saved: SavedRun, note: (text: string) => void): Promise<Subject> {
  const { options, classes, shape, normalization } = saved;
  const viewOf = (side: number): View => (areFiles(options) ? centerCrop(side) : resize(side));
  if (classes !== undefined && shape !== undefined && normalization !== undefined)
    return { classes, shape, normalization, view: viewOf(shape[0]) };
  const { dataset } = await loadData({ ...options, download: false }, note);
  const { train } = dataset;
  return {
    classes: dataset.classes,
    shape: dataset.shape,
    normalization: train.normalization,
    view: viewOf(dataset.shape[0]),
  };
}
