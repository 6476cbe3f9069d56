import type { OptionName } from './options.ts';

/** What people read about an option. */
export type OptionHelp = {
  readonly group: 'Data' | 'Network' | 'Sharpness-aware minimization' | 'Optimizer' | 'Machine and output';
  /** The placeholder of its value; a switch has none. */
  readonly value?: string;
  /** The allowed values, to end the sentence "--rho must be ...". */
  readonly expects: string;
  /** What it is for. */
  readonly about: string;
};

const count = 'a whole number of at least 1';
const toggle = 'true or false';
const presets = 'fashion-mini, fashion, cifar10-paper, cifar100-paper';
const datasets = 'fashion-mnist-mini, fashion-mnist, mnist, cifar10, cifar100, svhn';
const backends = 'auto, cuda, webgpu, native, wasm, cpu';

const inGroup =
  (group: OptionHelp['group']) =>
  (value: string | undefined, expects: string, about: string): OptionHelp => ({
    group,
    ...(value === undefined ? {} : { value }),
    expects,
    about,
  });

const data = inGroup('Data');
const network = inGroup('Network');
const sharpness = inGroup('Sharpness-aware minimization');
const optimizer = inGroup('Optimizer');
const machine = inGroup('Machine and output');

/** The help of every option, in the order in which it is printed. */
export const optionHelp: { readonly [Name in OptionName]-?: OptionHelp } = {
  preset: data('name', `one of ${presets}`, `where all options start from: ${presets}`),
  dataset: data(
    'name',
    `auto or one of ${datasets}`,
    `the images: ${datasets}; auto: all of fashion-mnist, else the mini`,
  ),
  limit: data('n', count, 'use at most n training and n test images, for a quick try'),
  augment: data(
    'name',
    'one of none, basic, cutout',
    'none; basic: flip, and crop after reflecting 4 pixels; cutout: basic, then blank a 16-pixel square',
  ),
  download: data(undefined, toggle, 'fetch the dataset from the network when it is not on this machine'),
  data: data('folder', 'a folder', 'where downloaded datasets are kept ($STEPPE_DATA, else the cache of the user)'),

  depth: network('layers', '6n + 4 (10, 16, 22, 28, 40, ...)', 'layers of the WideResNet: 6n + 4'),
  width: network('k', count, 'multiplies its 16, 32 and 64 channels: WRN-28-10 is --depth 28 --width 10'),
  dropout: network('share', 'a number of at least 0 and below 1', 'dropout between the convolutions of a block'),

  rho: sharpness('radius', 'a finite number of at least 0', 'how far SAM looks for a worse point; 0 turns SAM off'),
  p: sharpness(
    'norm',
    'a number of at least 1, or inf',
    'the norm that measures this distance; 2 is best in the paper',
  ),
  m: sharpness('examples', count, 'look separately for each m images of a batch, at most --batch (m-sharpness)'),

  optimizer: optimizer(
    'name',
    'one of momentum, sgd, adam, adamw',
    'what takes the step: momentum (Nesterov), sgd, adam, adamw',
  ),
  lr: optimizer('rate', 'a finite number above 0', 'the first learning rate; it falls to 0 along half a cosine'),
  momentum: optimizer('decay', 'a number of at least 0 and below 1', 'the decay of momentum'),
  'weight-decay': optimizer(
    'lambda',
    'a finite number of at least 0',
    'L2 penalty in the loss, felt by both passes; decoupled with adamw',
  ),
  clip: optimizer('norm', 'a finite number of at least 0', "bounds the SAM gradient's norm; 0 turns it off"),
  epochs: optimizer('n', count, 'passes over the training images'),
  steps: optimizer('n', count, 'steps to make, instead of --epochs'),
  batch: optimizer('examples', count, 'images in a step, at most as many as there are'),
  'label-smoothing': optimizer(
    'share',
    'a number of at least 0 and below 1',
    'share of the target spread over all classes',
  ),
  seed: optimizer(
    'n',
    'a whole number from 0 to 2^53 - 1',
    'same seed, same run: initial weights, order, augmentation, dropout',
  ),

  compare: machine('name', 'one of none, sgd', 'sgd: then train without SAM for as many gradient evaluations'),
  backend: machine('name', `one of ${backends}`, `the device: ${backends}`),
  out: machine('folder', 'a folder that is new or empty', "the run's folder (runs/<date>-<name>)"),
  json: machine(undefined, toggle, 'print one JSON object a line on standard output, for programs'),
};
