import { wideresnet } from '../networks/wideresnet.ts';
import type { Preset } from './entry.ts';
import { on, small } from './settings.ts';

const { tiny, little } = wideresnet.smaller;

const noisy = {
  ...small,
  ...on('wideresnet', tiny),
  dataset: 'fashion-mnist-mini',
  limit: 1000,
  'label-noise': 0.4,
  rho: 0.2,
  epochs: 20,
  batch: 64,
  compare: 'sgd',
  'tuned-decay': 0.02,
} as const;

const { 'tuned-decay': _, ...alone } = noisy;

/** Presets for a machine that is no cluster. */
export const quick = {
  'label-noise': {
    // docs/evidence.md says how this was chosen.
    about: 'what SAM is good at, with all its rivals, within three minutes of two slow cores',
    options: noisy,
  },
  'label-noise-mini': {
    about: 'the same with fewer images and rivals, for a device that takes four times as long',
    options: { ...alone, limit: 400, batch: 32 },
  },
  'fashion-mini': {
    about: 'a network, a batch and epochs that two slow cores finish within three minutes',
    options: { ...small, ...on('wideresnet', tiny), dataset: 'fashion-mnist-mini', batch: 32, epochs: 3 },
  },
  'fashion-small': {
    about: 'the same time on the native engine or a GPU, with all of Fashion-MNIST where it is there',
    options: { ...small, ...on('wideresnet', little), dataset: 'auto', batch: 64, steps: 1000 },
  },
  photos: {
    about: 'pictures in a folder, on a network that has learned from others: --pretrained',
    wantsImages: true,
    options: {
      ...small,
      ...on('resnet18'),
      dataset: 'auto',
      augment: 'basic',
      lr: 0.01,
      'weight-decay': 1e-4,
      batch: 32,
      epochs: 10,
      'label-smoothing': 0.1,
    },
  },
} as const satisfies { readonly [name: string]: Preset };
