import { batchCount } from '@steppe/datasets';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/options.ts';
import type { Data } from './data.ts';

/** How long a run is, known before it begins. */
export type Plan = {
  /** What the run is called where two are compared, such as `SAM` or `SGD`. */
  readonly name: string;
  readonly options: Options;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
};

const baseName: { readonly [Name in Options['optimizer']]: string } = {
  momentum: 'SGD',
  sgd: 'SGD',
  adam: 'Adam',
  adamw: 'AdamW',
};

/** What the chain of a run is called: SAM, or its base optimizer where rho is 0. */
function methodName({ rho, optimizer }: Options): string {
  if (rho === 0) return baseName[optimizer];
  return optimizer === 'adam' || optimizer === 'adamw' ? `SAM + ${baseName[optimizer]}` : 'SAM';
}

/**
 * Counts the steps of a run, those of `steps` or else of `epochs`; a last batch that is not full is left out, as in the paper's code.
 *
 * @throws When there are fewer training images than the batch takes.
 */
export function makePlan(options: Options, { dataset }: Data): Plan {
  const { batch } = options;
  const examples = dataset.train.labels.length;
  if (batch > examples)
    throw new CommandError(`--batch must be at most the ${examples} training images in use, got ${batch}.`);
  const stepsPerEpoch = batchCount(examples, batch, true);
  const steps = options.steps ?? options.epochs * stepsPerEpoch;
  return { name: methodName(options), options, epochs: Math.ceil(steps / stepsPerEpoch), stepsPerEpoch, steps };
}

/**
 * Plans the runs that the options ask for: the one, and with `compare` the same without SAM for as many gradient evaluations.
 *
 * SAM evaluates two gradients a step, so its rival makes twice the steps (the paper's "SGD, 400 epochs"): the first half sees the same
 * batches in the same order.
 */
export function makePlans(options: Options, data: Data): readonly Plan[] {
  const first = makePlan(options, data);
  if (options.compare === 'none' || options.rho === 0) return [first];
  const longer = options.steps === undefined ? { epochs: 2 * options.epochs } : { steps: 2 * options.steps };
  return [first, makePlan({ ...options, ...longer, rho: 0 }, data)];
}
