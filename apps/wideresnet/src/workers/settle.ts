import { rowsOf, type World } from '@steppe/distributed';
import { CommandError } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';

/** The images of a batch that each rank has; the last one may have fewer. */
export const imagesOfRank = ({ batch }: Pick<Options, 'batch'>, { size }: Pick<World, 'size'>): number =>
  Math.ceil(batch / size);

/** Whether all ranks look for the worst point together: all images of a batch share an ε̂. */
export const sharesPerturbation = ({ batch, m, rho }: Pick<Options, 'batch' | 'm' | 'rho'>): boolean =>
  m === undefined ? rho === 0 : m >= batch;

/** What a chain needs of several ranks. */
function checkChain(chain: NonNullable<Options['chain']>, size: number): void {
  if (JSON.stringify(chain).includes('"allReduceMean"')) return;
  throw new CommandError(
    `The chain must have allReduceMean on ${size} ranks, which says where they are averaged: behind the link of SAM each rank has its own ε̂, before it all share one.`,
  );
}

/** The images that share an ε̂, where each rank has its own: `m`, or all that it has. */
function ownPerturbation(options: Options, size: number): Options {
  const each = imagesOfRank(options, { size });
  const { m = each, batch } = options;
  if (m <= each) return { ...options, m };
  throw new CommandError(
    `--m must be at most ${each}, what each of ${size} ranks has of a batch of ${batch}, or ${batch} for one ε̂ of all, got ${m}.`,
  );
}

/** The parts that a batch is taken in, where all ranks share an ε̂: at least one for each. */
function sharedPerturbation(options: Options, size: number): Options {
  const { accumulate = 1 } = options;
  const parts = Math.max(accumulate, size);
  if (parts % size === 0) return { ...options, accumulate: parts };
  throw new CommandError(
    `--accumulate must be a multiple of the ${size} ranks, which take a batch in parts together, got ${accumulate}.`,
  );
}

/**
 * Settles what several ranks make of a run, so that its options say so: one process with the same options computes the
 * same.
 *
 * As in the paper each rank looks for a worst point of its own, m = batch / ranks. With `m` the whole batch all share
 * one, and the batch is taken in as many parts as there are ranks, which is what `accumulate` says.
 *
 * @throws When the batch cannot be shared out so.
 */
export function settleWorkers(options: Options, { size }: Pick<World, 'size'>): Options {
  if (size === 1 && options['sync-batch-norm'] === true)
    throw new CommandError(
      '--sync-batch-norm is of several ranks, and there is one: start them by steppe launch, or leave it out.',
    );
  if (size === 1) return options;
  const { batch, chain } = options;
  for (const [option, value] of [
    ['dry-run', options['dry-run']],
    ['profile', options.profile],
  ] as const)
    if (value)
      throw new CommandError(
        `--${option} measures a step of one process, and there are ${size} ranks: say it without them.`,
      );
  try {
    rowsOf({ rank: size - 1, size }, batch);
  } catch (cause) {
    throw new CommandError(`--batch: ${(cause as Error).message}`, undefined, { cause });
  }
  if (options['sync-batch-norm'] === true && batch % size !== 0)
    throw new CommandError(
      `--sync-batch-norm needs as many images on each of ${size} ranks: --batch must be a multiple of ${size}, got ${batch}.`,
    );
  if (chain !== undefined) {
    checkChain(chain, size);
    return options;
  }
  return sharesPerturbation(options) ? sharedPerturbation(options, size) : ownPerturbation(options, size);
}
