import { batchCount } from '@steppe/datasets';
import { CommandError } from '../commands/exit-codes.ts';
import { optimizers } from '../options/optimizers.ts';
import type { Options } from '../options/table.ts';
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

/** What the chain of a run is called: SAM, or its base optimizer where rho is 0. */
function methodName({ rho, optimizer }: Options): string {
  const { title } = optimizers[optimizer];
  if (rho === 0) return title;
  return title === 'SGD' ? 'SAM' : `SAM + ${title}`;
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
  const steps = options.steps ?? (options.epochs ?? 1) * stepsPerEpoch;
  return { name: methodName(options), options, epochs: Math.ceil(steps / stepsPerEpoch), stepsPerEpoch, steps };
}

/** The same run without SAM and twice as long. */
function withoutSam({ steps, epochs, ...options }: Options): Options {
  const length = steps === undefined ? { epochs: 2 * (epochs ?? 1) } : { steps: 2 * steps };
  return { ...options, ...length, rho: 0, compare: 'none' };
}

/**
 * Plans the runs that the options ask for: the one, and with `compare` the same without SAM for as many gradient evaluations.
 *
 * SAM evaluates two gradients a step, so its rival makes twice the steps (the paper's "SGD, 400 epochs"): the first half sees the same
 * batches in the same order.
 */
export function makePlans(options: Options, data: Data): readonly Plan[] {
  const first = makePlan(options, data);
  return options.compare === 'none' ? [first] : [first, makePlan(withoutSam(options), data)];
}
