import { ownOf } from './networks/own.ts';
import { wideresnet } from './networks/wideresnet.ts';
import type { Options } from './table.ts';

/** The setting of the paper's WideResNets, and of its code where the paper is silent (clip, no label smoothing). */
const paper = {
  dataset: 'cifar10',
  augment: 'basic',
  'label-noise': 0,
  download: false,
  network: 'wideresnet',
  ...ownOf({ network: 'wideresnet' }),
  rho: 0.05,
  p: 2,
  // 256 images on 8 accelerators, each with an ε̂ of its own.
  m: 32,
  optimizer: 'momentum',
  lr: 0.1,
  schedule: 'cosine',
  momentum: 0.9,
  'weight-decay': 5e-4,
  'decay-spares': 'none',
  clip: 5,
  epochs: 200,
  batch: 256,
  average: 'none',
  'label-smoothing': 0,
  seed: 0,
  compare: 'none',
  backend: 'auto',
  json: false,
} as const satisfies Options;

const { tiny, little } = wideresnet.smaller;

const { m: _, ...wholeBatch } = paper;
const { epochs: __, ...small } = { ...wholeBatch, augment: 'none' } as const;

const noisy = {
  ...small,
  dataset: 'fashion-mnist-mini',
  limit: 1000,
  'label-noise': 0.4,
  ...tiny,
  rho: 0.2,
  epochs: 20,
  batch: 64,
  compare: 'sgd',
  'tuned-decay': 0.02,
} as const satisfies Options;

const { 'tuned-decay': ___, ...alone } = noisy;

/**
 * The options that a run starts from, by name: adding one here is all that it takes.
 *
 * @see Foret et al., ICLR 2021, appendix C.1, tables 5 and 6.
 */
export const presets = {
  // What SAM is good at, within three minutes of two slow cores with all its rivals: docs/evidence.md says how this was
  // chosen.
  'label-noise': noisy,
  // Fewer images, in smaller batches, and without the two further rivals: for a device that takes four times as long.
  'label-noise-mini': { ...alone, limit: 400, batch: 32 },
  // A network, a batch and a number of epochs that two slow cores finish within three minutes.
  'fashion-mini': { ...small, dataset: 'fashion-mnist-mini', ...tiny, batch: 32, epochs: 3 },
  // The same time on the native engine or a GPU, with all images of Fashion-MNIST where they are present.
  'fashion-small': { ...small, dataset: 'auto', ...little, batch: 64, steps: 1000 },
  fashion: { ...paper, dataset: 'fashion-mnist' },
  'cifar10-paper': paper,
  'cifar100-paper': { ...paper, dataset: 'cifar100', rho: 0.1 },
} as const satisfies { readonly [name: string]: Options };

/** The name of a preset. */
export type PresetName = keyof typeof presets;

/** Finds the options of a preset. */
export const presetOptions = (name: PresetName): Options => presets[name];

/** The presets that may be taken when nobody names one, by what the device can do: help shows the first. */
export const standards = ['label-noise', 'label-noise-mini'] as const satisfies readonly PresetName[];
