import { finetuningSets } from '@steppe/datasets/node';

/** The datasets whose images are files in a folder, which nothing downloads. */
export const fileDatasets = ['imagenet', ...finetuningSets] as const;

/** The name of one. */
export type FileDataset = (typeof fileDatasets)[number];

/** Whether a dataset is one of files. */
export const isFileDataset = (name: string): name is FileDataset => fileDatasets.some((known) => known === name);

/** Whether the images of a run are files, of any size each. */
export const areFiles = ({ images, dataset }: { readonly images?: string; readonly dataset?: string }): boolean =>
  images !== undefined || (dataset !== undefined && isFileDataset(dataset));
