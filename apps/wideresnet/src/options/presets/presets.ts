import { namesOf } from '../option.ts';
import type { Options } from '../table.ts';
import { cifar } from './cifar.ts';
import type { Preset } from './entry.ts';
import { finetune } from './finetune.ts';
import { imagenet } from './imagenet.ts';
import { noise } from './noise.ts';
import { others } from './others.ts';
import { quick } from './quick.ts';

/** The presets of one table of the paper, or of none, by title: adding one there is all that it takes. */
export const sections = {
  'For any machine': quick,
  'Table 1: CIFAR': cifar,
  'Table 2: ImageNet': imagenet,
  'Table 3: finetuning': finetune,
  'Tables 4 and 8: wrong labels': noise,
  'Table 5: SVHN and Fashion-MNIST': others,
} as const satisfies { readonly [title: string]: { readonly [name: string]: Preset } };

const all = { ...quick, ...cifar, ...imagenet, ...finetune, ...noise, ...others };

/** The name of a preset. */
export type PresetName = keyof typeof all;

/** The names of all presets. */
export const presetNames: readonly PresetName[] = namesOf(all);

/** Those that are shown where there is no room for all. */
export const quickNames: readonly (keyof typeof quick)[] = namesOf(quick);

/** What is known of a preset. */
export const presetOf = (name: PresetName): Preset => all[name];

/** Finds the options of a preset. */
export const presetOptions = (name: PresetName): Options => all[name].options;

/** The options that a run starts from, by name. */
export const presets = Object.fromEntries(presetNames.map((name) => [name, presetOptions(name)])) as {
  readonly [name in PresetName]: Options;
};

/** The preset that is taken when nobody names one and the images are files. */
export const standardOfFiles = 'photos' satisfies PresetName;

/** The presets that may be taken when nobody names one, by what the device can do: help shows the first. */
export const standards = ['label-noise', 'label-noise-mini'] as const satisfies readonly PresetName[];
