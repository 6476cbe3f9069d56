import { aNumber, type Check, checkOptions, count, oneOf, type Rule, refusal, shown } from '@steppe/check';
import { isKey, type Key } from '@steppe/random';
import type { GradientTransformation, StepBatch } from '@steppe/transforms';
import { checkOptimizer } from '@steppe/transforms/parts';
import type { Tree } from '@steppe/tree';
import { checkNamed, checkValidation } from './check-data.ts';
import type { LossOptions } from './compiled.ts';
import type { LayersBatch } from './layers-loss.ts';
import type { Weights } from './places.ts';

/** What `fit` and `fitDataset` take beside what those of the model take. */
export type TrainingOptions<State extends Tree = Tree> = LossOptions & {
  /** A transformation of `@steppe/transforms`, such as `sam(adam(1e-3), 0.05)`. */
  readonly optimizer: GradientTransformation<State, StepBatch<LayersBatch, Weights>>;
  /** Draws dropout and noise, the same for all passes of a step. @defaultValue one that is new */
  readonly key?: Key;
  /** `running` normalizes batches by the moving statistics, which stay, as in finetuning. @defaultValue 'batch' */
  readonly statistics?: 'batch' | 'running';
};

const wholes: Rule = ['a whole number of at least 0', (n) => Number.isInteger(n) && n >= 0];
const split: Rule = ['in [0, 1)', (x) => x >= 0 && x < 1];

const absent =
  (instead: string): Check =>
  (name) => {
    throw new Error(`TensorFlow.js's fit has no ${name}: ${instead}.`);
  };

/** Refuses what is no random key. */
export const aKey: Check = (name, value) => {
  if (!isKey(value)) throw refusal(name, 'a random key, such as key(0) of @steppe/random', value);
};

/** What tfjs checks itself. */
export const anything: Check = () => undefined;

const shared: { readonly [option: string]: Check } = {
  optimizer: anything,
  loss: checkNamed,
  metrics: checkNamed,
  key: aKey,
  statistics: oneOf('batch', 'running'),
  epochs: aNumber(wholes),
  initialEpoch: aNumber(wholes),
  callbacks: anything,
  classWeight: anything,
  verbose: anything,
  yieldEvery: anything,
};

/** The options of `fit`, and what each must be. */
export const fitChecks: { readonly [option: string]: Check } = {
  ...shared,
  validationData: checkValidation(false),
  batchSize: aNumber(count),
  validationSplit: aNumber(split),
  shuffle: (name, value) => {
    if (typeof value !== 'boolean') throw refusal(name, 'true or false', value);
  },
  sampleWeight: absent('give classWeight, or weights of a LayersBatch to trainStep of @steppe/train'),
  stepsPerEpoch: absent('give it fewer examples, or batchesPerEpoch to fitDataset'),
  validationSteps: absent('give it fewer validationData, or validationBatches to fitDataset'),
};

/** The options of `fitDataset`, and what each must be. */
export const datasetChecks: { readonly [option: string]: Check } = {
  ...shared,
  validationData: checkValidation(true),
  batchesPerEpoch: aNumber(count),
  validationBatchSize: aNumber(count),
  validationBatches: aNumber(count),
};

/** Refuses options before any work. */
export function checkTraining(name: string, options: unknown, checks: { readonly [option: string]: Check }): void {
  checkOptions(name, options, checks);
  const { optimizer } = options as { readonly optimizer?: unknown };
  const { minimize } = Object(optimizer) as { readonly minimize?: unknown };
  if (typeof optimizer === 'string' || typeof minimize === 'function')
    throw new Error(
      'optimizer must be a transformation of @steppe/transforms, such as sam(adam(1e-3), 0.05), got ' +
        `${typeof optimizer === 'string' ? shown(optimizer) : 'an optimizer of TensorFlow.js'}, which is for model.fit.`,
    );
  checkOptimizer('optimizer', optimizer);
}
