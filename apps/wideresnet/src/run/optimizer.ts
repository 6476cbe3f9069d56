import { allReduceMean, type World } from '@steppe/distributed';
import * as transforms from '@steppe/transforms';
import { call } from '@steppe/transforms/parts';
import { buildLinks } from '../chain/build.ts';
import type { ExampleLoss, Link, Optimizer } from '../chain/param.ts';
import { lastName } from '../chain/written.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { type AverageEntry, averages } from '../options/averages.ts';
import { type OptimizerEntry, optimizers } from '../options/optimizers.ts';
import { type ScheduleEntry, schedules } from '../options/schedules.ts';
import type { Options } from '../options/table.ts';
import { alone } from '../workers/alone.ts';
import { imagesOfRank, sharesPerturbation } from '../workers/settle.ts';
import { frozenParts } from './frozen.ts';
import { imagesAtOnce } from './images-at-once.ts';

const when = (condition: boolean, link: () => Link): readonly Link[] => (condition ? [link()] : []);

/** Chooses the kernels of convolutions and dense layers: what has rank 2 or more. */
const kernels: transforms.Select = Object.assign<transforms.Select, object>((_, leaf) => leaf.rank > 1, {
  made: call('kernels').made,
});

/** The link of the weight decay, if any. */
function decayLink({ 'weight-decay': decay, 'decay-spares': spares }: Options): readonly Link[] {
  const all = transforms.addDecayedWeights(decay);
  return when(decay > 0, () => (spares === 'none' ? all : transforms.masked(all, kernels)));
}

/** The steps of the warm-up, which options give as a share of the run or as steps. */
const warmupSteps = ({ warmup = 0 }: Options, steps: number): number =>
  warmup < 1 ? Math.round(warmup * steps) : warmup;

/** The learning rate, negative: updates are added. */
function rateOf(options: Options, steps: number): transforms.Schedule {
  const { lr, power, cooldown, schedule } = options;
  const { make, warmupUntil }: ScheduleEntry = schedules[schedule];
  const parts = { rate: -lr, steps, power, cooldown };
  const [warmup, end] = [warmupSteps(options, steps), warmupUntil(parts)];
  if (warmup > end)
    throw new CommandError(
      `--warmup must end by step ${end} of ${steps} with --schedule ${schedule}, got ${warmup} steps.`,
    );
  return make(transforms, { ...parts, warmup });
}

/** Links that leave what is frozen as it is. */
const held = ({ freeze }: Pick<Options, 'freeze'>, links: readonly Link[]): readonly Link[] =>
  freeze === undefined ? links : [transforms.freeze(frozenParts(freeze), transforms.chain(...links)) as Link];

/** Where a chain is only looked at. */
const noExamples: ExampleLoss = () => {
  throw new Error('No network was given whose examples have a loss.');
};

/**
 * Gives the links of a run's optimizer: those of the paper's code, in its order, with what the options add.
 *
 *     chain(microBatch(part), addDecayedWeights(wd), samTransform(rho, p), microBatch(m), clipByGlobalNorm(clip),
 *           trace(β, nesterov), schedule, averageWeights())
 *
 * - The L2 penalty stands before SAM: it is part of the loss, felt by both passes and by ε̂. (adamw decouples it:
 * behind everything.)
 * - microBatch behind SAM gives every m images an ε̂ of their own: m-sharpness. microBatch before SAM, of `accumulate`,
 * is gradient accumulation: one ε̂, with the memory of a part.
 * - allReduceMean, where several ranks train, stands where microBatch would that cuts their images: behind SAM, or
 * before all where all images of a batch share one ε̂.
 * - Clipping stands behind both: it bounds the step; before SAM it would change nothing.
 * - The average stands last: it sees the weights after the step.
 *
 * Without SAM (rho = 0) the chain is the same but for that link; batch norm still sees m images at a time. With a tail
 * that link is `lateSam(rho, steps, tail, p)`.
 *
 * A `chain` of the options takes the place of all of it. What is frozen is so around all links but an average at the
 * end, which keeps the frozen weights beside the others, as they are.
 *
 * @param steps - T, the steps of the run.
 * @param exampleLoss - What `esam` chooses examples by.
 * @param workers - Those whose gradients are averaged.
 * @throws When a `chain` cannot be built, the tail of SAM holds no step, or the warm-up does not end in time.
 * @see google-research/sam, sam_jax/training_utils/flax_training.py
 */
export function linksOf(
  options: Options,
  steps: number,
  exampleLoss: ExampleLoss = noExamples,
  workers: World = alone,
): readonly Link[] {
  const mean = (): Link => allReduceMean(workers) as Link;
  if (options.chain !== undefined) {
    const links = buildLinks(options.chain, { transforms, steps, exampleLoss, mean });
    const isKept = lastName(options.chain) === 'averageWeights';
    return isKept ? [...held(options, links.slice(0, -1)), ...links.slice(-1)] : held(options, links);
  }
  const { clipByGlobalNorm, lateSam, microBatch, samTransform, scaleBySchedule } = transforms;
  const { rho, p, clip, optimizer, accumulate = 1, average, 'sam-tail': tail } = options;
  const { links, decaysItself }: OptimizerEntry = optimizers[optimizer];
  if (rho > 0 && tail !== undefined && Math.round((1 - tail) * steps) === steps)
    throw new CommandError(`--sam-tail must hold a step, got ${tail} of ${steps} steps: leave SAM out with --rho 0.`);
  const decay = decayLink(options);
  const { link: averageLink }: AverageEntry = averages[average];
  const kept = averageLink(transforms, steps);
  const each = imagesOfRank(options, workers);
  const { m = each } = options;
  const [isMany, isShared] = [workers.size > 1, sharesPerturbation(options)];
  const all = [
    ...when(accumulate > (isShared ? workers.size : 1), () => microBatch(imagesAtOnce(options))),
    ...when(isMany && isShared, mean),
    ...(decaysItself ? [] : decay),
    ...when(rho > 0, () => (tail === undefined ? samTransform(rho, p) : lateSam(rho, steps, tail, p))),
    ...when(m < each, () => microBatch(m)),
    ...when(isMany && !isShared, mean),
    ...when(clip > 0, () => clipByGlobalNorm(clip)),
    ...links(transforms, options, decaysItself ? decay : []),
    scaleBySchedule(rateOf(options, steps)),
  ];
  return [...held(options, all), ...(kept ? [kept] : [])];
}

/** Makes the optimizer of a run of so many steps; it throws as `linksOf` does. */
export function makeOptimizer(
  options: Options,
  steps: number,
  exampleLoss: ExampleLoss = noExamples,
  workers: World = alone,
): Optimizer {
  return transforms.chain(...linksOf(options, steps, exampleLoss, workers));
}

/** Longer than any run: what is refused of a run of so many steps is refused of all. */
const longest = 1e9;

/**
 * Refuses a chain that cannot be built, before there are data, a device or a network.
 *
 * @throws When its links refuse their options or each other.
 */
export const checkChain = (options: Options): void => {
  makeOptimizer(options, options.steps ?? longest);
};
