import type { OwnValue } from '../networks/entry.ts';
import { type NetworkName, type OwnName, ownOf } from '../networks/own.ts';
import type { Options } from '../table.ts';

/** A network with all its options. */
export const on = (
  network: NetworkName,
  own: { readonly [Name in OwnName]?: OwnValue } = {},
): Pick<Options, 'network' | OwnName> => ({ network, ...ownOf({ network, ...own }) });

/** Options without a network and without a length. */
export type Settings = Omit<Options, 'network' | 'epochs' | 'steps' | OwnName>;

/** What all of the paper's runs have in common, by the paper and, where it is silent, by its code (clip, no smoothing). */
const common = {
  dataset: 'cifar10',
  augment: 'basic',
  'label-noise': 0,
  download: false,
  rho: 0.05,
  p: 2,
  optimizer: 'momentum',
  lr: 0.1,
  schedule: 'cosine',
  momentum: 0.9,
  'weight-decay': 5e-4,
  'decay-spares': 'none',
  clip: 5,
  batch: 256,
  average: 'none',
  'label-smoothing': 0,
  seed: 0,
  compare: 'none',
  backend: 'auto',
  json: false,
} as const satisfies Settings;

/** What runs on images of one's own and small ones begin from: all images of a batch share an ε̂. */
export const small = { ...common, augment: 'none' } as const satisfies Settings;

/** The paper's runs on CIFAR and the like: 256 images on 8 accelerators, each with an ε̂ of its own. */
export const paper = { ...common, m: 32 } as const satisfies Settings;
