import { type Augmentation, type Batch, basicAugmentation, batches, compose, cutout, slice } from '@steppe/datasets';
import { hashDataset, loadDataset, type NamedDataset } from '@steppe/datasets/node';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Options } from '../options/options.ts';

/** The images of a run and what to call them. */
export type Data = {
  readonly dataset: NamedDataset;
  /** SHA-256 over the images and labels in use: equal hashes, equal data. */
  readonly sha256: string;
};

const augmentations: { readonly [Name in Options['augment']]: () => Augmentation | undefined } = {
  none: () => undefined,
  basic: basicAugmentation,
  cutout: () => compose(basicAugmentation(), cutout(16)),
};

/** Finds the augmentation by the name that the options have for it. */
export const augmentation = (name: Options['augment']): Augmentation | undefined => augmentations[name]();

/** What `loadData` needs of the options. */
export type DataOptions = Pick<Options, 'dataset' | 'download'> & Partial<Pick<Options, 'limit' | 'data'>>;

/**
 * Loads the images that the options name, at most `limit` of either half.
 *
 * @throws When they are not on this machine and may not be downloaded, or are damaged.
 */
export async function loadData(
  options: DataOptions,
  onDownload: (text: string) => void,
  signal?: AbortSignal,
): Promise<Data> {
  const { dataset: name, download, data: folder, limit } = options;
  let told = '';
  const whole = await loadDataset(name, {
    download,
    folder,
    signal,
    onProgress: ({ file, received, total }) => {
      const text = `downloading ${file}: ${Math.floor((10 * received) / total) * 10} %`;
      if (text !== told) onDownload(text);
      told = text;
    },
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const text = (cause as Error).message.replaceAll('download: true', '--download');
    throw new CommandError(text, exitCode.data, { cause });
  });
  const dataset =
    limit === undefined ? whole : { ...whole, train: slice(whole.train, 0, limit), test: slice(whole.test, 0, limit) };
  return { dataset, sha256: hashDataset(dataset) };
}

/** The batches of held-out images: in order, as they are. */
export const heldOut = ({ dataset }: Data, signal?: AbortSignal): AsyncIterable<Batch> =>
  batches(dataset.test, { batchSize: 100, ...(signal && { signal }) });
