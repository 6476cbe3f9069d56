import type { Preset } from './entry.ts';
import { on, paper } from './settings.ts';

const epochs = 'the epochs: 200 here, as in the code';

/** Which images: of SVHN with its extra ones, which are not mirrored here. */
const images = {
  svhn: { dataset: 'svhn-extra', lr: 0.01, rho: { wrn: 0.01, 'shake-shake': 0.01 }, plain: 'crop' },
  fashion: { dataset: 'fashion-mnist', lr: 0.1, rho: { wrn: 0.05, 'shake-shake': 0.02 }, plain: 'basic' },
} as const;

const networks = { wrn: 'wideresnet', 'shake-shake': 'shake-shake' } as const;

type Name = `${keyof typeof images}-${keyof typeof networks}-${'basic' | 'aa'}`;

const namesOf = <Key extends string>(record: { readonly [key in Key]: unknown }) => Object.keys(record) as Key[];

const rows = namesOf(images).flatMap((data) =>
  namesOf(networks).flatMap((model) =>
    (['basic', 'aa'] as const).map((word): readonly [string, Preset] => {
      const { dataset, lr, rho, plain } = images[data];
      return [
        `${data}-${model}-${word}`,
        {
          about: `table 5: ${model === 'wrn' ? 'WRN-28-10' : 'Shake-Shake-26 2x96d'} on ${dataset}, ${word === 'aa' ? 'AA' : word}`,
          options: {
            ...paper,
            ...on(networks[model]),
            dataset,
            augment: word === 'aa' ? 'autoaugment' : plain,
            lr,
            rho: rho[model],
            epochs: 200,
          },
          unprinted: data === 'svhn' ? `${epochs}; whether digits are mirrored: not here` : epochs,
        },
      ];
    }),
  ),
);

/**
 * The rows of table 5.
 *
 * @see Foret et al., ICLR 2021, table 5
 */
export const others = {
  fashion: {
    about: 'as fashion-wrn-basic',
    options: { ...paper, ...on('wideresnet'), dataset: 'fashion-mnist', epochs: 200 },
    unprinted: epochs,
  },
  ...(Object.fromEntries(rows) as { readonly [row in Name]: Preset }),
} as const satisfies { readonly [name: string]: Preset };
