import type { Preset } from './entry.ts';
import { on, type Settings, small } from './settings.ts';

const settings = {
  ...small,
  dataset: 'imagenet',
  augment: 'basic',
  'image-size': 224,
  lr: 1,
  'weight-decay': 1e-4,
  clip: 0,
  batch: 4096,
  'label-smoothing': 0.1,
} as const satisfies Settings;

const depths = [50, 101, 152] as const;
const lengths = [100, 200, 400] as const;

type Name = `imagenet-resnet${(typeof depths)[number]}-${(typeof lengths)[number]}`;

const rows = depths.flatMap((depth) =>
  lengths.map((epochs): readonly [string, Preset] => [
    `imagenet-resnet${depth}-${epochs}`,
    {
      about: `table 2: ResNet-${depth} on ImageNet, ${epochs} epochs`,
      options: { ...settings, ...on(`resnet${depth}`, { 'zero-init': true }), epochs },
      unprinted: 'm and the accelerators: all images share an ε̂ here (--m); a warm-up: none here (--warmup)',
    },
  ]),
);

/**
 * The rows of table 2.
 *
 * @see Foret et al., ICLR 2021, table 2 and section 3.1
 */
export const imagenet = Object.fromEntries(rows) as { readonly [row in Name]: Preset };
