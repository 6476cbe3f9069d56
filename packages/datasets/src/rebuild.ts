import { checkOneOf } from '@steppe/check';
import { reflectCrop } from './crop.ts';
import { cutout } from './cutout.ts';
import { horizontalFlip } from './flip.ts';
import { type Augmentation, type AugmentationDescription, compose } from './image.ts';

/** What makes augmentations out of plain data. */
type Makers<Made> = { readonly [name: string]: (...args: readonly never[]) => Made };

const makers: Makers<Augmentation> = { cutout, horizontalFlip, reflectCrop };

/** Makes what a description tells of, links of a composition first. */
function remake<Made>(table: Makers<Made>, join: (...links: readonly Made[]) => Made, given: unknown): Made {
  const { name, args } = given as AugmentationDescription;
  if (name === 'compose') return join(...args.map((link) => remake(table, join, link)));
  checkOneOf('An augmentation', name, Object.keys(table));
  return (table[name] as (...args: readonly unknown[]) => Made)(...args);
}

/** Makes an augmentation anew from its description, as in a worker thread. */
export const rebuildAugmentation = (description: AugmentationDescription): Augmentation =>
  remake(makers, compose, description);
