import type { Options } from './options.ts';
import type { PresetName } from './preset-names.ts';

/** The setting of the paper's WideResNets, and of its code where the paper is silent (clip, no label smoothing). */
const paper: Options = {
  dataset: 'cifar10',
  augment: 'basic',
  download: false,
  depth: 28,
  width: 10,
  dropout: 0,
  rho: 0.05,
  p: 2,
  // 256 images on 8 accelerators, each with an ε̂ of its own.
  m: 32,
  optimizer: 'momentum',
  lr: 0.1,
  momentum: 0.9,
  'weight-decay': 5e-4,
  clip: 5,
  epochs: 200,
  batch: 256,
  'label-smoothing': 0,
  seed: 0,
  compare: 'none',
  backend: 'auto',
  json: false,
};

const { m: _, ...wholeBatch } = paper;

/**
 * The options that a run starts from, by name.
 *
 * @see Foret et al., ICLR 2021, appendix C.1, tables 5 and 6.
 */
export const presets: { readonly [Name in PresetName]: Options } = {
  // A network, a batch and a number of epochs that two slow cores finish within three minutes.
  'fashion-mini': {
    ...wholeBatch,
    dataset: 'fashion-mnist-mini',
    augment: 'none',
    depth: 10,
    width: 1,
    batch: 32,
    epochs: 3,
  },
  // The same time on the native engine or a GPU, with all images of Fashion-MNIST where they are present.
  'fashion-small': {
    ...wholeBatch,
    dataset: 'auto',
    augment: 'none',
    depth: 16,
    width: 1,
    batch: 64,
    epochs: 2,
    steps: 1000,
  },
  fashion: { ...paper, dataset: 'fashion-mnist' },
  'cifar10-paper': paper,
  'cifar100-paper': { ...paper, dataset: 'cifar100', rho: 0.1 },
};
