import type { Preset } from './entry.ts';
import { on, paper } from './settings.ts';

const augments = { basic: 'basic', cutout: 'cutout', aa: 'autoaugment' } as const;

const longer = 'the epochs: 1800 here, as in earlier work on this network';

/** The networks of table 1, with what differs between CIFAR-10 and CIFAR-100. */
const models = {
  wrn: { about: 'WRN-28-10, 200 epochs', run: { ...on('wideresnet'), epochs: 200 }, rho: [0.05, 0.1], lr: [0.1, 0.1] },
  'wrn-1800': {
    about: 'WRN-28-10, 1800 epochs',
    run: { ...on('wideresnet'), epochs: 1800, 'weight-decay': 1e-3 },
    rho: [0.05, 0.1],
    lr: [0.05, 0.05],
  },
  'shake-shake': {
    about: 'Shake-Shake-26 2x96d',
    run: { ...on('shake-shake'), epochs: 1800, 'weight-decay': 1e-3 },
    rho: [0.02, 0.05],
    lr: [0.02, 0.02],
    unprinted: longer,
  },
  pyramidnet: {
    about: 'PyramidNet-272-200',
    run: { ...on('pyramidnet'), epochs: 1800 },
    rho: [0.05, 0.2],
    lr: [0.05, 0.05],
    unprinted: longer,
  },
  shakedrop: {
    about: 'PyramidNet-272-200 with ShakeDrop',
    run: { ...on('pyramidnet', { 'shake-drop': 0.5 }), epochs: 1800 },
    rho: [0.05, 0.05],
    lr: [0.02, 0.05],
    unprinted: longer,
  },
} as const;

type Name = `${'cifar10' | 'cifar100'}-${keyof typeof models}-${keyof typeof augments}`;

const rows = (['cifar10', 'cifar100'] as const).flatMap((dataset, i) =>
  Object.entries(models).flatMap(([model, { about, run, rho, lr, ...rest }]) =>
    Object.entries(augments).map(([word, augment]): readonly [string, Preset] => [
      `${dataset}-${model}-${word}`,
      {
        about: `table 1: ${about} on ${dataset}, ${word === 'aa' ? 'AA' : word}`,
        options: { ...paper, ...run, dataset, augment, rho: rho[i] ?? 0.05, lr: lr[i] ?? 0.1 },
        ...rest,
      },
    ]),
  ),
);

/**
 * The rows of table 1.
 *
 * @see Foret et al., ICLR 2021, table 1, and table 6 for the settings
 */
export const cifar = {
  'cifar10-paper': {
    about: 'as cifar10-wrn-basic',
    options: { ...paper, ...on('wideresnet'), epochs: 200 },
  },
  'cifar100-paper': {
    about: 'as cifar100-wrn-basic',
    options: { ...paper, ...on('wideresnet'), dataset: 'cifar100', rho: 0.1, epochs: 200 },
  },
  ...(Object.fromEntries(rows) as { readonly [row in Name]: Preset }),
} as const satisfies { readonly [name: string]: Preset };
