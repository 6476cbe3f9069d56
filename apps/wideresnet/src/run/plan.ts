import { batchCount } from '@steppe/datasets';
import { gradientsOver } from '@steppe/transforms';
import { titleOfChain } from '../chain/title.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { optimizers } from '../options/optimizers.ts';
import type { Options } from '../options/table.ts';
import type { Data } from './data.ts';
import { makeOptimizer } from './optimizer.ts';
import { evaluated } from './validation.ts';

/** How long a run is, known before it begins. */
export type Plan = {
  /** What the run is called where two are compared, such as `SAM` or `SGD`. */
  readonly name: string;
  /** Where its files are in the folder of the command; the first run's are the folder's own. */
  readonly folder: string;
  readonly options: Options;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Steps from one evaluation to the next. */
  readonly evaluateEvery: number;
  /** What the evaluations along the way are of. */
  readonly split: 'validation' | 'test';
};

/** What the chain of a run is called: SAM, or its base optimizer where rho is 0. */
function methodName({ chain, rho, optimizer, 'sam-tail': tail }: Options): string {
  if (chain !== undefined) return titleOfChain(chain);
  const { title } = optimizers[optimizer];
  if (rho === 0) return title;
  const sam = tail === undefined ? 'SAM' : 'Late SAM';
  return title === 'SGD' ? sam : `${sam} + ${title}`;
}

/**
 * Counts the steps of a run, those of `steps` or else of `epochs`; a last batch that is not full is left out, as in the
 * paper's code.
 *
 * @throws When there are fewer training images than the batch takes, or the optimizer cannot be made for so few steps.
 */
export function makePlan(options: Options, data: Data, rival: Partial<Pick<Plan, 'name' | 'folder'>> = {}): Plan {
  const { batch, 'eval-every': every } = options;
  const examples = data.dataset.train.labels.length;
  if (batch > examples)
    throw new CommandError(`--batch must be at most the ${examples} training images in use, got ${batch}.`);
  const stepsPerEpoch = batchCount(examples, batch, true);
  const steps = options.steps ?? (options.epochs ?? 1) * stepsPerEpoch;
  const epochs = Math.ceil(steps / stepsPerEpoch);
  // What the number of steps does not allow is refused here, before anything is loaded onto a device.
  makeOptimizer(options, steps);
  return {
    name: methodName(options),
    folder: '',
    ...rival,
    options,
    epochs,
    stepsPerEpoch,
    steps,
    // Passes over a few batches are no epochs.
    evaluateEvery: options.overfit !== undefined && every === undefined ? steps : (every ?? 1) * stepsPerEpoch,
    split: evaluated(data).name,
  };
}

/** The same run without SAM. */
const withoutSam = ({ 'tuned-decay': _, 'sam-tail': __, ...options }: Options): Options => ({
  ...options,
  rho: 0,
  compare: 'none',
});

/** A run of as many steps as a number of gradients allows, in epochs where it was given so and these are whole. */
function asCostly(gradients: number, { epochs, steps: _, ...options }: Options, stepsPerEpoch: number): Options {
  const steps = Math.max(1, Math.round(gradients / makeOptimizer(options, Math.ceil(gradients)).gradientCost));
  return {
    ...options,
    ...(epochs === undefined || steps % stepsPerEpoch ? { steps } : { epochs: steps / stepsPerEpoch }),
  };
}

/** The runs that SAM is compared with: one at equal cost, and two more where a tuned weight decay is given. */
function rivals({ options, steps, stepsPerEpoch }: Plan, data: Data): readonly Plan[] {
  const { title, rival } = optimizers[options.optimizer];
  const short = withoutSam(options);
  const equal = asCostly(gradientsOver(makeOptimizer(options, steps), steps), short, stepsPerEpoch);
  const { 'tuned-decay': decay } = options;
  if (decay === undefined) return [makePlan(equal, data, { folder: rival })];
  return [
    makePlan(equal, data, { name: `${title}, equal gradients`, folder: rival }),
    makePlan(short, data, { name: `${title}, same epochs`, folder: `${rival}-same-epochs` }),
    makePlan({ ...short, 'weight-decay': decay }, data, {
      name: `${title}, tuned weight decay`,
      folder: `${rival}-tuned-decay`,
    }),
  ];
}

/**
 * Plans the runs that the options ask for: the one, and with `compare` the same without SAM for as many gradient
 * evaluations.
 *
 * Where SAM evaluates two gradients a step its rival makes twice the steps (the paper's "SGD, 400 epochs"): the first
 * half sees the same batches in the same order. SAM can be beaten in other ways than by more steps, so `tuned-decay`
 * adds two rivals: the same epochs, and the same epochs with a weight decay that was tuned for them.
 */
export function makePlans(options: Options, data: Data): readonly [Plan, ...Plan[]] {
  const first = makePlan(options, data);
  return options.compare === 'none' ? [first] : [first, ...rivals(first, data)];
}
