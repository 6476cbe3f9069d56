import type { Augmentation } from '@steppe/datasets';

/** What the app knows of a way to change training images at random. */
export type AugmentationEntry = {
  readonly about: string;
  /** Whether it turns left and right around, which makes other digits of digits. */
  readonly mirrors: boolean;
  /** Makes it of the package that is only loaded when a run begins. */
  readonly make: (datasets: typeof import('@steppe/datasets')) => Augmentation | undefined;
};

/** The ways to change training images, by name: adding one here is all that it takes. */
export const augmentations = {
  none: { about: 'as they are', mirrors: false, make: () => undefined },
  basic: {
    about: 'mirror half, crop by 4 pixels',
    mirrors: true,
    make: ({ basicAugmentation }) => basicAugmentation(),
  },
  cutout: {
    about: 'basic, and blank a square',
    mirrors: true,
    make: ({ basicAugmentation, compose, cutout }) => compose(basicAugmentation(), cutout(16)),
  },
} as const satisfies { readonly [name: string]: AugmentationEntry };
