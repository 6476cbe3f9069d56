import type { Preset } from './entry.ts';
import { on, paper } from './settings.ts';

const shares = [20, 40, 60, 80] as const;

/** The methods of table 4 that there are here: its bootstrapping is not. */
const methods = {
  sam: { about: 'SAM', options: (share: number) => ({ rho: share === 80 ? 0.05 : 0.1 }) },
  sgd: { about: 'SGD', options: () => ({ rho: 0 }) },
  mixup: { about: 'SGD with mixup', options: () => ({ rho: 0, mixup: 1 }) },
} as const;

type Name = `cifar10-noise-${(typeof shares)[number]}-${keyof typeof methods}`;

const rows = shares.flatMap((share) =>
  Object.entries(methods).map(([method, { about, options }]): readonly [string, Preset] => [
    `cifar10-noise-${share}-${method}`,
    {
      about: `table 4: ResNet-32 on cifar10, ${share} % of labels wrong, ${about}`,
      options: { ...paper, ...on('cifar-resnet'), 'label-noise': share / 100, ...options(share), epochs: 200 },
      unprinted: `lr, weight decay, batch and augmentation: those of table 6 here${method === 'mixup' ? '; alpha of mixup: 1 here' : ''}`,
    },
  ]),
);

/**
 * The rows of table 4; the grid of table 8 is `rho: table8` of a sweep over `cifar10-noise-20-sam` and the others.
 *
 * @see Foret et al., ICLR 2021, tables 4 and 8
 */
export const noise = Object.fromEntries(rows) as { readonly [row in Name]: Preset };
