const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * The name of each class, by dataset and class number, as the authors publish them.
 *
 * @example
 * ```ts
 * import { classNames } from '@steppe/datasets';
 *
 * console.log(classNames.cifar10[3], classNames.cifar100.length); // => cat 100
 * ```
 */
export const classNames: {
  readonly digits: readonly string[];
  readonly fashionMnist: readonly string[];
  readonly cifar10: readonly string[];
  readonly cifar100: readonly string[];
} = {
  digits: [...'0123456789'],
  fashionMnist: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  cifar10: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  cifar100: words(`
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
    caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
    forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
    mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
    possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
    willow_tree wolf woman worm`),
};
