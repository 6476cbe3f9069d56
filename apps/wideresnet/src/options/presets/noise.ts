import type { Preset } from './entry.ts';
import { on, paper } from './settings.ts';

const shares = [20, 40, 60, 80] as const;

const radius = (share: number): number => (share === 80 ? 0.05 : 0.1);

/** The methods of table 4; the bootstrapped ones learn from scratch what a run of the same kind without it predicts. */
const methods = {
  sam: { about: 'SAM', options: (share: number) => ({ rho: radius(share) }) },
  sgd: { about: 'SGD', options: () => ({ rho: 0 }) },
  mixup: { about: 'SGD with mixup', options: () => ({ rho: 0, mixup: 1 }) },
  'bootstrap-sam': {
    about: 'SAM on labels that a run of it predicts (--relabel)',
    options: (share: number) => ({ rho: radius(share) }),
    of: 'sam',
  },
  'bootstrap-mixup': {
    about: 'SGD with mixup on labels that a run of it predicts (--relabel)',
    options: () => ({ rho: 0, mixup: 1 }),
    of: 'mixup',
  },
} as const;

type Name = `cifar10-noise-${(typeof shares)[number]}-${keyof typeof methods}`;

const ofTable6 = 'lr, weight decay, batch and augmentation: those of table 6 here';
const ofMixup = '; alpha of mixup, the best of 1, 8, 16 and 32: 1 here';

const rows = shares.flatMap((share) =>
  Object.entries(methods).map(([method, { about, options, ...rest }]): readonly [string, Preset] => [
    `cifar10-noise-${share}-${method}`,
    {
      about: `table 4: ResNet-32 on cifar10, ${share} % of labels wrong, ${about}`,
      options: { ...paper, ...on('cifar-resnet'), 'label-noise': share / 100, ...options(share), epochs: 200 },
      unprinted: `${ofTable6}${method.endsWith('mixup') ? ofMixup : ''}`,
      ...('of' in rest && { wantsRunOf: `cifar10-noise-${share}-${rest.of}` }),
    },
  ]),
);

/**
 * The rows of table 4; the grid of table 8 is `rho: table8` of a sweep over `cifar10-noise-20-sam` and the others.
 *
 * @see Foret et al., ICLR 2021, tables 4 and 8 and section 3.3
 */
export const noise = Object.fromEntries(rows) as { readonly [row in Name]: Preset };
