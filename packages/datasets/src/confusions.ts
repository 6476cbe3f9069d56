import { classNames } from './classes.ts';

const { cifar10, cifar100 } = classNames;

/** Takes a class for another one by their names, and each other class for itself. */
const pairs = (names: readonly string[], taken: { readonly [from: string]: string }): readonly number[] =>
  names.map((name) => names.indexOf(taken[name] ?? name));

/** The superclasses of CIFAR-100, five classes each. */
const superclasses: readonly string[] = [
  'beaver dolphin otter seal whale',
  'aquarium_fish flatfish ray shark trout',
  'orchid poppy rose sunflower tulip',
  'bottle bowl can cup plate',
  'apple mushroom orange pear sweet_pepper',
  'clock keyboard lamp telephone television',
  'bed chair couch table wardrobe',
  'bee beetle butterfly caterpillar cockroach',
  'bear leopard lion tiger wolf',
  'bridge castle house road skyscraper',
  'cloud forest mountain plain sea',
  'camel cattle chimpanzee elephant kangaroo',
  'fox porcupine possum raccoon skunk',
  'crab lobster snail spider worm',
  'baby boy girl man woman',
  'crocodile dinosaur lizard snake turtle',
  'hamster mouse rabbit shrew squirrel',
  'maple_tree oak_tree palm_tree pine_tree willow_tree',
  'bicycle bus motorcycle pickup_truck train',
  'lawn_mower rocket streetcar tank tractor',
];

/** The next class of each class, around the circle of its superclass. */
const next = superclasses.flatMap((classes) => {
  const names = classes.split(' ');
  return names.map((name, i) => [name, names[(i + 1) % names.length] as string] as const);
});

/**
 * The class that each class is easily taken for, by dataset and class number, for `asymmetricLabelNoise`.
 *
 * CIFAR-10: truck → automobile, bird → airplane, deer → horse, cat ↔ dog, and no other. CIFAR-100: each class is taken
 * for the next one of its superclass, by class number, the last for the first.
 *
 * @see Patrini et al., Making deep neural networks robust to label noise (CVPR 2017, arXiv 1609.03683), section 5
 *
 * @example
 * ```ts
 * import { classNames, confusions } from '@steppe/datasets';
 *
 * const truck = classNames.cifar10.indexOf('truck');
 * console.log(classNames.cifar10[confusions.cifar10[truck] ?? 0]); // => automobile
 * ```
 */
export const confusions: { readonly cifar10: readonly number[]; readonly cifar100: readonly number[] } = {
  cifar10: pairs(cifar10, { truck: 'automobile', bird: 'airplane', deer: 'horse', cat: 'dog', dog: 'cat' }),
  cifar100: pairs(cifar100, Object.fromEntries(next)),
};
