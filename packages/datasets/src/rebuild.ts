import { checkOneOf } from '@steppe/check';
import { autoAugment } from './bytes/auto-augment.ts';
import { colorJitter } from './bytes/color-jitter.ts';
import { randAugment } from './bytes/rand-augment.ts';
import { reflectCrop } from './crop.ts';
import { cutout } from './cutout.ts';
import { horizontalFlip } from './flip.ts';
import { type Augmentation, type AugmentationDescription, type ByteAugmentation, compose } from './image.ts';
import { randomErasing } from './random-erasing.ts';

/** What makes augmentations out of plain data. */
type Makers<Made> = { readonly [name: string]: (...args: readonly never[]) => Made };

const makers: Makers<Augmentation> = { cutout, horizontalFlip, randomErasing, reflectCrop };

const byteMakers: Makers<ByteAugmentation> = { autoAugment, colorJitter, randAugment };

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

/** Makes an augmentation of bytes anew from its description, as in a worker thread. */
export const rebuildByteAugmentation = (description: AugmentationDescription): ByteAugmentation =>
  remake(byteMakers, compose, description);
