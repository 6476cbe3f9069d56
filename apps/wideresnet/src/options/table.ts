import { backendNames, precisions } from '@steppe/backends/names';
import { datasetNames } from '@steppe/datasets/node';
import { chainOption } from '../chain/option.ts';
import { augmentations } from './augmentations.ts';
import { averages } from './averages.ts';
import { bootstraps } from './bootstraps.ts';
import { fileDatasets } from './file-datasets.ts';
import {
  count,
  file,
  folder,
  inFolder,
  inside,
  newFolder,
  norm,
  oneOf,
  part,
  parts,
  positive,
  seed,
  share,
  shareOrCount,
  side,
  size,
  toggle,
  workers,
} from './kinds.ts';
import { networkNames, ownOptions } from './networks/own.ts';
import { decaySpares, optimizers, rivals } from './optimizers.ts';
import { inGroup, listed, namesOf } from './option.ts';
import { schedules } from './schedules.ts';

const data = inGroup('Data');
const network = inGroup('Network');
const sharpness = inGroup('Sharpness-aware minimization');
const training = inGroup('Training');
const machine = inGroup('Machine and output');

const backends = ['auto', ...backendNames] as const;

/** Every option of a run but `preset`, in the order in which help prints them. */
export const optionTable = {
  dataset: data({
    value: 'name',
    kind: oneOf(['auto', ...datasetNames, ...fileDatasets]),
    decidesData: true,
    about: `the images: ${datasetNames.join(', ')}; in the folder of --data: ${fileDatasets.join(', ')}; auto: all of fashion-mnist, else the mini`,
  }),
  images: data({
    value: 'folder',
    kind: folder,
    spare: true,
    isText: true,
    isPath: true,
    decidesData: true,
    mayChange: true,
    about: 'a folder of images instead, by classes: train/CLASS/* and val/CLASS/*, or CLASS/* alone',
  }),
  'image-size': data({
    value: 'pixels',
    kind: side,
    spare: true,
    decidesData: true,
    about:
      'side of what a network sees: of each file (224), or of images in memory enlarged on the device (as they are)',
  }),
  labels: data({
    value: 'file',
    kind: inFolder,
    spare: true,
    isText: true,
    decidesData: true,
    about: 'a CSV file in the folder of images, with the columns file and label',
  }),
  broken: data({
    value: 'name',
    kind: oneOf(['error', 'skip']),
    spare: true,
    decidesData: true,
    about: 'a file that is no image: error ends the run, skip decodes all before and leaves such files out (error)',
  }),
  workers: data({
    value: 'n',
    kind: workers,
    spare: true,
    mayChange: true,
    about: 'threads that decode images (one for each core, at most 4)',
  }),
  limit: data({
    value: 'n',
    kind: count,
    spare: true,
    decidesData: true,
    about: 'at most n training and n test images',
  }),
  augment: data({ value: 'name', kind: oneOf(namesOf(augmentations)), about: listed(augmentations) }),
  mixup: data({
    value: 'alpha',
    kind: positive,
    spare: true,
    about: 'mix each image with another one of its batch, and their labels, by a share from Beta(alpha, alpha)',
  }),
  cutmix: data({
    value: 'alpha',
    kind: positive,
    spare: true,
    about: 'put a rectangle of another image into each, of an area from Beta(alpha, alpha), and mix their labels',
  }),
  'label-noise': data({
    value: 'share',
    kind: share,
    about: 'share of training labels that are made wrong',
  }),
  'label-noise-kind': data({
    value: 'name',
    kind: oneOf(['symmetric', 'asymmetric']),
    spare: true,
    about: 'wrong by any other class, or (of CIFAR) by the one that it is easily taken for (symmetric)',
  }),
  relabel: data({
    value: 'run',
    kind: file,
    spare: true,
    isText: true,
    isPath: true,
    mayChange: true,
    about: 'learn the labels that a run predicts for the training images, in the place of theirs',
  }),
  validation: data({
    value: 'share',
    kind: inside,
    spare: true,
    about: 'share of the training images to hold out and choose the best weights by; the test is then made once',
  }),
  download: data({ kind: toggle, mayChange: true, about: 'fetch the dataset when it is not on this machine' }),
  data: data({
    value: 'folder',
    kind: folder,
    spare: true,
    isText: true,
    isPath: true,
    mayChange: true,
    about: 'where downloads are kept (else $STEPPE_DATA), or the files of a dataset that is not downloaded',
  }),

  network: network({
    value: 'name',
    kind: oneOf(networkNames),
    about: `${networkNames.join(', ')}: see steppe networks`,
  }),
  ...ownOptions,
  pretrained: network({
    value: 'file',
    kind: file,
    spare: true,
    isText: true,
    isPath: true,
    mayChange: true,
    about: 'start from the weights of a safetensors file of timm or torchvision, or of a run; another head is fresh',
  }),
  freeze: network({
    value: 'parts',
    kind: parts,
    spare: true,
    about: 'hold parts of it as they are: all-but-head, or some by their paths, such as stem,stages[0]',
  }),
  'freeze-statistics': network({
    kind: toggle,
    spare: true,
    about: 'normalize by its running statistics in training, too, and leave them as they are',
  }),
  'sync-batch-norm': network({
    kind: toggle,
    spare: true,
    about: 'of several ranks: normalize by the statistics of the images of all, not by those of its own',
  }),
  'reestimate-statistics': network({
    kind: toggle,
    spare: true,
    about: 'evaluate by running statistics that are estimated anew on training images, not by those of the steps',
  }),

  rho: sharpness({
    value: 'radius',
    kind: size,
    about: 'how far SAM looks for a worse point; 0 turns SAM off',
  }),
  p: sharpness({
    value: 'norm',
    kind: norm,
    about: 'its norm, from 1 to inf; alone it adapts the radius',
  }),
  m: sharpness({
    value: 'examples',
    kind: count,
    spare: true,
    about: 'look separately for each m images of a batch',
  }),
  'sam-tail': sharpness({
    value: 'share',
    kind: part,
    spare: true,
    about: 'SAM in this last share of the steps; plain before',
  }),

  chain: training({
    value: 'links',
    kind: chainOption,
    spare: true,
    about: 'any links in their order, as YAML or @file, in the place of rho to clip: see steppe links',
  }),
  optimizer: training({ value: 'name', kind: oneOf(namesOf(optimizers)), about: listed(optimizers) }),
  lr: training({ value: 'rate', kind: positive, about: 'the learning rate at its highest' }),
  schedule: training({ value: 'name', kind: oneOf(namesOf(schedules)), about: `how it changes: ${listed(schedules)}` }),
  power: training({ value: 'k', kind: positive, spare: true, about: 'of the polynomial (1, a straight line)' }),
  cooldown: training({ value: 'share', kind: part, spare: true, about: 'of the steps, in which wsd falls (0.2)' }),
  warmup: training({
    value: 'n',
    kind: shareOrCount,
    spare: true,
    about: 'steps in which it rises from 0, or below 1 a share of them',
  }),
  momentum: training({ value: 'decay', kind: share, about: 'share of a step that the next keeps' }),
  'weight-decay': training({ value: 'lambda', kind: size, about: 'pulls the weights toward 0' }),
  'decay-spares': training({ value: 'name', kind: oneOf(namesOf(decaySpares)), about: listed(decaySpares) }),
  clip: training({ value: 'norm', kind: size, about: 'the longest gradient; 0 is any' }),
  epochs: training({ value: 'n', kind: count, spare: true, mayChange: true, about: 'passes over the training images' }),
  steps: training({
    value: 'n',
    kind: count,
    spare: true,
    mayChange: true,
    about: 'steps to make, instead of --epochs',
  }),
  batch: training({ value: 'examples', kind: count, about: 'images in a step' }),
  accumulate: training({
    value: 'k',
    kind: count,
    spare: true,
    about:
      'take a batch in k parts, for memory: gradient accumulation, chain(microBatch(batch / k), samTransform(rho))',
  }),
  average: training({ value: 'name', kind: oneOf(namesOf(averages)), about: `evaluate ${listed(averages)}` }),
  'label-smoothing': training({ value: 'x', kind: share, about: 'share of the target for all classes' }),
  bootstrap: training({
    value: 'name',
    kind: oneOf(namesOf(bootstraps)),
    spare: true,
    about: `put its own predictions beside labels that may be wrong, ${listed(bootstraps)}`,
  }),
  'bootstrap-keep': training({
    value: 'share',
    kind: part,
    spare: true,
    about: 'share of the target that stays the label (0.95 of soft, 0.8 of hard)',
  }),
  overfit: training({
    value: 'n',
    kind: count,
    spare: true,
    about: 'the same n batches over and over, 100 steps unless said: the loss must fall',
  }),
  'eval-every': training({
    value: 'epochs',
    kind: count,
    spare: true,
    about: 'epochs from one evaluation to the next (1)',
  }),
  patience: training({
    value: 'evaluations',
    kind: count,
    spare: true,
    about: 'stop after so many that were no better than the best; needs --validation',
  }),
  seed: training({ value: 'n', kind: seed, about: 'all that is random; same seed, same run' }),

  compare: machine({
    value: 'name',
    kind: oneOf(['none', ...rivals]),
    about: `then train without SAM, for as many gradients: ${rivals.join(', ')}`,
  }),
  'tuned-decay': machine({
    value: 'lambda',
    kind: size,
    spare: true,
    about: 'and for the same epochs, also with this decay',
  }),
  backend: machine({
    value: 'name',
    kind: oneOf(backends),
    mayChange: true,
    about: `the device: ${backends.join(', ')}`,
  }),
  precision: machine({
    value: 'name',
    kind: oneOf(precisions),
    spare: true,
    mayChange: true,
    about:
      'products in float32, by three of bfloat16, or by one: highest, high, default; below highest on native (highest)',
  }),
  eager: machine({
    kind: toggle,
    spare: true,
    mayChange: true,
    about:
      'make steps and evaluations kernel by kernel, where they would be recorded once and replayed by one call (on native)',
  }),
  'peer-limit': machine({
    value: 'seconds',
    kind: positive,
    spare: true,
    isOutput: true,
    about: 'of several ranks: end all where one is waited for so long at a step (120)',
  }),
  'change-ranks': machine({
    kind: toggle,
    spare: true,
    isOutput: true,
    about:
      'go on with a run on another number of ranks: what comes is no longer what one without a break gives, and of --m and --accumulate what the ranks make of them',
  }),
  'checkpoint-every': machine({
    value: 'minutes',
    kind: positive,
    spare: true,
    mayChange: true,
    about: 'also keep where the run stands so often (5)',
  }),
  'keep-checkpoints': machine({
    value: 'n',
    kind: count,
    spare: true,
    mayChange: true,
    about: 'leave the last n of them (2): steppe sharpness compares runs at equal loss by them',
  }),
  out: machine({
    value: 'folder',
    kind: newFolder,
    spare: true,
    isText: true,
    isOutput: true,
    about: "the run's folder (runs/<date>-<name>)",
  }),
  'dry-run': machine({
    kind: toggle,
    spare: true,
    isOutput: true,
    about: 'build everything, make one step on a copy, say memory and time, write nothing',
  }),
  profile: machine({
    kind: toggle,
    spare: true,
    isOutput: true,
    about: 'at the end, time a step by kernel and by link: profile.json',
  }),
  tensorboard: machine({
    kind: toggle,
    spare: true,
    isOutput: true,
    about: 'also write event files: tensorboard --logdir runs',
  }),
  watch: machine({
    kind: toggle,
    spare: true,
    isOutput: true,
    about: 'serve a page that shows the run while it trains',
  }),
  quiet: machine({ kind: toggle, spare: true, isOutput: true, about: 'print only what came of it' }),
  json: machine({ kind: toggle, isOutput: true, about: 'print one JSON object a line, for programs' }),
} as const;

type Table = typeof optionTable;
type Value<Entry> = Entry extends { readonly kind: { readonly schema: { readonly _output: infer Output } } }
  ? Output
  : never;
type SpareName = { [Name in keyof Table]: Table[Name] extends { readonly spare: true } ? Name : never }[keyof Table];

/** Every option of a run, resolved. */
export type Options = {
  readonly [Name in Exclude<keyof Table, SpareName>]: Value<Table[Name]>;
} & { readonly [Name in SpareName]?: Value<Table[Name]> };

type OutputName = {
  [Name in keyof Table]: Table[Name] extends { readonly isOutput: true } ? Name : never;
}[keyof Table];

/** The options that make a run what it is, and on what it runs. */
export type LastingOptions = Omit<Options, OutputName>;
