import type { Preset } from './entry.ts';
import { on, type Settings, small } from './settings.ts';

const settings = {
  ...small,
  dataset: 'auto',
  augment: 'basic',
  'weight-decay': 1e-5,
  clip: 0,
  'freeze-statistics': true,
} as const satisfies Settings;

const unprinted =
  'rho of each set, chosen from 0.01, 0.02, 0.05, 0.1, 0.2, 0.5 (0.05 here); m and the augmentation; its weights, which --pretrained gives';

const b7 = { ...on('efficientnet-b7'), 'image-size': 600 } as const;
const l2 = { ...on('efficientnet-l2'), 'image-size': 475 } as const;

/**
 * The rows of table 3: one setting for all sets of images but ImageNet, which are folders of `--images`.
 *
 * @see Foret et al., ICLR 2021, table 3 and section 3.2
 */
export const finetune = {
  'finetune-b7': {
    about: 'table 3: EfficientNet-B7 of --pretrained on a folder of images, statistics frozen',
    wantsImages: true,
    options: { ...settings, ...b7, lr: 0.016, batch: 1024, steps: 5000 },
    unprinted,
  },
  'finetune-l2': {
    about: 'table 3: EfficientNet-L2 of --pretrained on a folder of images, statistics frozen',
    wantsImages: true,
    options: { ...settings, ...l2, lr: 0.008, batch: 512, steps: 10_000 },
    unprinted: `${unprinted}; the side of images (475 here)`,
  },
  'finetune-b7-imagenet': {
    about: 'table 3: EfficientNet-B7 of --pretrained on ImageNet',
    options: { ...settings, ...b7, dataset: 'imagenet', lr: 0.1, batch: 1024, epochs: 10 },
    unprinted: 'm and the augmentation; its weights, which --pretrained gives',
  },
  'finetune-l2-imagenet': {
    about: 'table 3: EfficientNet-L2 of --pretrained on ImageNet',
    options: { ...settings, ...l2, dataset: 'imagenet', lr: 0.1, batch: 512, epochs: 10 },
    unprinted: 'm, the augmentation and the side of images (475 here); its weights, which --pretrained gives',
  },
} as const satisfies { readonly [name: string]: Preset };
