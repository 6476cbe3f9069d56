import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { classNames } from '../classes.ts';
import type { Dataset } from '../dataset.ts';
import { fromIdx } from '../from-idx.ts';
import { plain } from './bytes.ts';
import { sha256 } from './content.ts';

const unpack = promisify(brotliDecompress);

/** The same place from src/node and from dist/node. */
const folder = new URL('../../data/fashion-mnist-mini/', import.meta.url);

/** What tools/datasets/make-fashion-mnist-mini.mjs made: unpacked sizes and hashes. */
const files = {
  trainImages: {
    name: 'train-images-idx3-ubyte',
    bytes: 3_920_016,
    sha256: '444ed5f7ce17397f236f5eba17dd507d3f6912f04edd3e4f1701cdf82f2cc0c5',
  },
  trainLabels: {
    name: 'train-labels-idx1-ubyte',
    bytes: 5_008,
    sha256: '35d691216f65485d010cc635af5574a9dc04aa5060de9be64ab6e5cb5ead38e9',
  },
  testImages: {
    name: 't10k-images-idx3-ubyte',
    bytes: 784_016,
    sha256: '7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef',
  },
  testLabels: {
    name: 't10k-labels-idx1-ubyte',
    bytes: 1_008,
    sha256: '3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909',
  },
} as const;

async function read(file: (typeof files)[keyof typeof files]): Promise<Uint8Array> {
  const url = new URL(`${file.name}.br`, folder);
  const bytes = await unpack(await readFile(url), { maxOutputLength: file.bytes }).catch((cause: unknown) => {
    throw new Error(`The shipped file ${url.pathname} cannot be read: reinstall @steppe/datasets.`, { cause });
  });
  if (sha256(bytes) !== file.sha256)
    throw new Error(`The shipped file ${url.pathname} is damaged: reinstall @steppe/datasets.`);
  return plain(bytes);
}

/** Reads the part of Fashion-MNIST that comes with this package: the first 500 training and 100 test images of each
 * class. */
export async function readMini(why: string): Promise<Dataset & { readonly name: 'fashion-mnist-mini' }> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    read(files.trainImages),
    read(files.trainLabels),
    read(files.testImages),
    read(files.testLabels),
  ]);
  const train = fromIdx(trainImages, trainLabels);
  return {
    name: 'fashion-mnist-mini',
    source: `the shipped subset fashion-mnist-mini, 5,000 training and 1,000 test images (${why})`,
    classes: classNames.fashionMnist,
    shape: train.shape,
    train,
    test: fromIdx(testImages, testLabels),
  };
}
