import type { Augmentation, BatchOptions, PaperData } from '@steppe/datasets';

type Datasets = typeof import('@steppe/datasets');

/** What an augmentation must know of the images: what they are, and their side. */
type Subject = {
  /** The name of the dataset; of files in a folder none. */
  readonly name: string | undefined;
  readonly side: number;
};

/** The options of `batches` that change images at random. */
export type Augmenting = Pick<BatchOptions, 'augment' | 'augmentBytes'>;

/** What the app knows of a way to change training images at random. */
export type AugmentationEntry = {
  readonly about: string;
  /** Whether it shows another part of an image each time, of one in a file a crop of random area and aspect, and
   * whether half of these are mirrored. */
  readonly crops: 'mirrored' | 'plain' | 'no';
  /** Whether it turns left and right around, which makes other digits of digits. */
  readonly mirrors: boolean;
  /** Makes it of the package that is only loaded when a run begins; undefined where it is not known for such images. */
  readonly make: (datasets: Datasets, subject: Subject) => Augmenting | undefined;
};

/** Mirrors and crops, then does something else. Images in files are mirrored and cropped when they are decoded. */
function basicThen({ basicAugmentation, compose }: Datasets, { name }: Subject, more?: Augmentation): Augmenting {
  const [first, ...others] = [...(name === undefined ? [] : [basicAugmentation()]), ...(more ? [more] : [])];
  if (first === undefined) return {};
  return { augment: others.length === 0 ? first : compose(first, ...others) };
}

/** For which of the paper's datasets a dataset stands. */
const papers: { readonly [dataset: string]: PaperData } = {
  cifar10: 'cifar10',
  cifar100: 'cifar100',
  svhn: 'svhn',
  'svhn-extra': 'svhn',
  'fashion-mnist': 'fashion-mnist',
  'fashion-mnist-mini': 'fashion-mnist',
};

/** The datasets for which "AA" is known. */
export const withAutoAugment: readonly string[] = Object.keys(papers);

/** The ways to change training images, by name: adding one here is all that it takes. */
export const augmentations = {
  none: { about: 'as they are', crops: 'no', mirrors: false, make: () => ({}) },
  crop: {
    about: 'crop by 4 pixels',
    crops: 'plain',
    mirrors: false,
    make: (datasets, { name }) => (name === undefined ? {} : { augment: datasets.reflectCrop(4) }),
  },
  basic: {
    about: 'mirror half, crop by 4 pixels',
    crops: 'mirrored',
    mirrors: true,
    make: (datasets, subject) => basicThen(datasets, subject),
  },
  cutout: {
    about: 'basic, and blank a square of 16 pixels',
    crops: 'mirrored',
    mirrors: true,
    make: (datasets, subject) => basicThen(datasets, subject, datasets.cutout(16)),
  },
  autoaugment: {
    about: '"AA" of the paper, which differs by dataset; AutoAugment for ImageNet for files',
    crops: 'mirrored',
    // Of digits it is known for those of SVHN, where it does not.
    mirrors: false,
    make(datasets, { name }) {
      if (name === undefined) return { augmentBytes: datasets.autoAugment('imagenet', { fill: 128 }) };
      const paper = papers[name];
      return paper === undefined ? undefined : datasets.paperAugmentation(paper, 'autoaugment');
    },
  },
  randaugment: {
    about: 'RandAugment of two operations, then basic',
    crops: 'mirrored',
    mirrors: true,
    make: (datasets, subject) => ({
      augmentBytes: datasets.randAugment({ fill: 128 }),
      ...basicThen(datasets, subject),
    }),
  },
  jitter: {
    about: 'change brightness, contrast and saturation by up to 40 %, then basic',
    crops: 'mirrored',
    mirrors: true,
    make: (datasets, subject) => ({
      augmentBytes: datasets.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
      ...basicThen(datasets, subject),
    }),
  },
  erasing: {
    about: 'basic, and erase a rectangle of half of the images',
    crops: 'mirrored',
    mirrors: true,
    make: (datasets, subject) => basicThen(datasets, subject, datasets.randomErasing()),
  },
} as const satisfies { readonly [name: string]: AugmentationEntry };
