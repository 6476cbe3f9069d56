import type { Options } from '../table.ts';
import type { Preset } from './entry.ts';
import { on, type Settings, small } from './settings.ts';

const settings = {
  ...small,
  augment: 'basic',
  'weight-decay': 1e-5,
  clip: 0,
  'freeze-statistics': true,
} as const satisfies Omit<Settings, 'dataset'>;

const unprinted = 'm and the augmentation; its weights, which --pretrained gives';
const unprintedRho = `rho of each set, chosen from 0.01, 0.02, 0.05, 0.1, 0.2, 0.5 (0.05 here); ${unprinted}`;
const unprintedSide = '; the side of images (475 here)';

/** The networks of table 3, with what differs between them. */
const networks = {
  b7: {
    title: 'EfficientNet-B7',
    run: { ...on('efficientnet-b7'), 'image-size': 600, batch: 1024 },
    length: { lr: 0.016, steps: 5000 },
    more: '',
  },
  l2: {
    title: 'EfficientNet-L2',
    run: { ...on('efficientnet-l2'), 'image-size': 475, batch: 512 },
    length: { lr: 0.008, steps: 10_000 },
    more: unprintedSide,
  },
} as const;

/** The sets of table 3: what they are called, and where their images are. */
const sets = {
  aircraft: { title: 'FGVC Aircraft', dataset: 'aircraft' },
  flowers102: { title: 'Oxford Flowers 102', dataset: 'flowers102' },
  pets: { title: 'Oxford Pets', dataset: 'pets' },
  cars: { title: 'Stanford Cars', dataset: 'cars' },
  cifar10: { title: 'CIFAR-10', dataset: 'cifar10', memory: true },
  cifar100: { title: 'CIFAR-100', dataset: 'cifar100', memory: true },
  birdsnap: { title: 'Birdsnap', dataset: 'birdsnap' },
  food101: { title: 'Food-101', dataset: 'food101' },
} as const satisfies {
  readonly [name: string]: {
    readonly title: string;
    readonly dataset: Options['dataset'];
    /** Its images are no files: they are enlarged on the device. */
    readonly memory?: true;
  };
};

type Network = keyof typeof networks;
type Entries<Name extends string> = { readonly [name in Name]: Preset };

const entriesOf = <Key extends string, Value>(table: { readonly [key in Key]: Value }) =>
  Object.entries(table) as [Key, Value][];

/** Presets of both networks, by a suffix of their names. */
const ofBoth = <Suffix extends string>(
  suffix: Suffix,
  make: (network: (typeof networks)[Network]) => Preset,
): Entries<`finetune-${Network}${Suffix}`> =>
  Object.fromEntries(
    entriesOf(networks).map(([name, network]) => [`finetune-${name}${suffix}`, make(network)]),
  ) as Entries<`finetune-${Network}${Suffix}`>;

const folders = ofBoth('', ({ title, run, length, more }) => ({
  about: `table 3: ${title} of --pretrained on a folder of images, statistics frozen`,
  wantsImages: true,
  options: { ...settings, ...run, ...length, dataset: 'auto' },
  unprinted: `${unprintedRho}${more}`,
}));

const imageNet = ofBoth('-imagenet', ({ title, run, more }) => ({
  about: `table 3: ${title} of --pretrained on ImageNet`,
  options: { ...settings, ...run, dataset: 'imagenet', lr: 0.1, epochs: 10 },
  unprinted: `${unprinted}${more}`,
}));

const rows = entriesOf(sets).flatMap(([name, set]) =>
  Object.entries(
    ofBoth(`-${name}`, ({ title, run, length, more }) => ({
      about: `table 3: ${title} of --pretrained on ${set.title}, statistics frozen`,
      options: { ...settings, ...run, ...length, dataset: set.dataset },
      unprinted: `${unprintedRho}${more}${'memory' in set ? '; where images are enlarged: after their augmentation here' : ''}`,
    })),
  ),
);

/**
 * The rows of table 3: nine sets by two networks, and each network on any folder of images.
 *
 * @see Foret et al., ICLR 2021, table 3 and section 3.2
 */
export const finetune: Entries<`finetune-${Network}${'' | '-imagenet' | `-${keyof typeof sets}`}`> = {
  ...folders,
  ...(Object.fromEntries(rows) as Entries<`finetune-${Network}-${keyof typeof sets}`>),
  ...imageNet,
};
