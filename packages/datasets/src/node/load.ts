import { aNumber, type Check, checkFunction, checkOptions, oneOf, refusal, shown } from '@steppe/check';
import type { Dataset } from '../dataset.ts';
import { cifar10, cifar100 } from './cifar.ts';
import { emnist } from './emnist.ts';
import { readMini } from './mini.ts';
import { fashionMnist, mnist } from './mnist.ts';
import { kmnist, qmnist } from './mnist-like.ts';
import { helpYourself, obtain, type SourceOptions } from './obtain.ts';
import type { Recipe } from './recipe.ts';
import { svhn, svhnExtra } from './svhn.ts';

const names = [
  'fashion-mnist',
  'fashion-mnist-mini',
  'mnist',
  'kmnist',
  'qmnist',
  'emnist-balanced',
  'emnist-byclass',
  'emnist-bymerge',
  'emnist-letters',
  'emnist-digits',
  'emnist-mnist',
  'cifar10',
  'cifar100',
  'svhn',
  'svhn-extra',
] as const;

/** The datasets that `loadDataset` knows. */
export type DatasetName = (typeof names)[number];

/**
 * Lists the names that `loadDataset` knows, for a command line to check and to show.
 *
 * @example
 * ```ts
 * import { datasetNames } from '@steppe/datasets/node';
 *
 * console.log(datasetNames.includes('cifar10')); // => true
 * ```
 */
export const datasetNames: readonly DatasetName[] = names;

/**
 * Names the dataset that comes with this package: nothing is fetched for it, and no folder holds it.
 *
 * @example
 * ```ts
 * import { shippedDataset } from '@steppe/datasets/node';
 *
 * console.log(shippedDataset); // => fashion-mnist-mini
 * ```
 */
export const shippedDataset = 'fashion-mnist-mini';

/** A dataset under the name that `loadDataset` loads it by. */
export type NamedDataset = Dataset & { readonly name: DatasetName };

const recipes: Readonly<Record<Exclude<DatasetName, 'fashion-mnist-mini'>, Recipe>> = {
  'fashion-mnist': fashionMnist,
  mnist,
  kmnist,
  qmnist,
  'emnist-balanced': emnist('balanced'),
  'emnist-byclass': emnist('byclass'),
  'emnist-bymerge': emnist('bymerge'),
  'emnist-letters': emnist('letters'),
  'emnist-digits': emnist('digits'),
  'emnist-mnist': emnist('mnist'),
  cifar10,
  cifar100,
  svhn,
  'svhn-extra': svhnExtra,
};

/** Makes a dataset by a recipe; undefined, with the reason, when its files are nowhere to be had. */
export async function loadRecipe(recipe: Recipe, options: SourceOptions): Promise<Dataset | { readonly why: string }> {
  const obtained = await obtain(recipe, options);
  if (obtained.contents === undefined) return obtained;
  const { contents, source, read } = obtained;
  const contentOf = (name: string): Uint8Array => {
    const content = contents.get(name);
    if (content === undefined) throw new Error(`there is no file ${name}.`);
    return content;
  };
  const { train, test } = await Promise.resolve(contentOf)
    .then(read)
    .catch((cause: unknown) => {
      throw new Error(`${recipe.name} cannot be read: ${(cause as Error).message}`, { cause });
    });
  return { name: recipe.name, source, classes: recipe.classes, shape: train.shape, train, test };
}

/** That a number is one; which it may be, the download says. */
const number = aNumber(['a number', () => true]);

const optionChecks: { readonly [name in keyof SourceOptions]-?: Check } = {
  download: oneOf(true, false),
  folder: (name, value) => {
    if (typeof value !== 'string' || value === '') throw refusal(name, 'the path of a folder', value);
  },
  tries: number,
  stallTimeout: number,
  timeout: number,
  backoff: number,
  signal: (name, value) => {
    if (typeof (value as Partial<AbortSignal> | null)?.throwIfAborted !== 'function')
      throw refusal(name, 'an AbortSignal', value);
  },
  onProgress: checkFunction,
  onWait: checkFunction,
};

/**
 * Loads a dataset into memory: from the verified cache, else from a package of the system, else, if allowed, from the
 * network.
 *
 * A name gives that dataset or an error, never another one. Only `auto` chooses: all of Fashion-MNIST where it is, or
 * may be downloaded, else the subset that comes with this package. The `name` of what comes back says what was taken,
 * and `source` why.
 *
 * @param name - One of `datasetNames`, or `auto`.
 * @throws When the name is unknown; when the dataset is not on this machine and may not be downloaded, with what to put
 * where; when a cached file is damaged and may not be fetched anew; when a download fails, with the reason for each
 * URL.
 *
 * @example
 * ```ts
 * import { loadDataset } from '@steppe/datasets/node';
 *
 * const { name, train, test, classes } = await loadDataset('fashion-mnist-mini');
 * console.log(name, train.labels.length, test.labels.length); // => fashion-mnist-mini 5000 1000
 * console.log(classes[train.labels[0] ?? 0]); // => Ankle boot
 * ```
 */
export async function loadDataset(name: DatasetName | 'auto', options: SourceOptions = {}): Promise<NamedDataset> {
  checkOptions('loadDataset', options, optionChecks);
  if (name === shippedDataset) return readMini('as named');
  if (name !== 'auto' && !datasetNames.includes(name))
    throw new Error(`No dataset ${shown(name)}: there are ${datasetNames.join(', ')}, and auto.`);
  const wanted = name === 'auto' ? 'fashion-mnist' : name;
  const recipe = recipes[wanted];
  const loaded = await loadRecipe(recipe, options);
  if (!('why' in loaded)) return { ...loaded, name: wanted };
  if (name === 'auto') return readMini(`${loaded.why}, no download allowed`);
  throw new Error(helpYourself(recipe, options, loaded.why));
}
