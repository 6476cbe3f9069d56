import { agree, type Facts as Compared, type World } from '@steppe/distributed';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { optionOf } from '../options/schema.ts';
import type { Facts } from '../run/facts.ts';
import type { AnyPosition } from '../run/progress.ts';
import type { Start } from '../run/training.ts';
import { codeHash } from './code-hash.ts';

/** Compares facts over all ranks. @throws When they differ, in one line that names the first that does. */
function compare(workers: World, facts: Compared): void {
  try {
    agree(workers, facts);
  } catch (cause) {
    throw new CommandError((cause as Error).message, exitCode.data, { cause });
  }
}

/** The options that decide what is computed: paths may differ, and what is there is compared by its hash. */
const decisive = (options: object): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'data' && !optionOf(name as 'data').isPath));

/**
 * Makes sure, before the first step, that all ranks train the same: code, options, images and weights.
 *
 * @throws When something differs, on all ranks, with its name and two values of it.
 */
export function checkTogether(workers: World, facts: Facts, { params, state }: Pick<Start, 'params' | 'state'>): void {
  if (workers.size === 1) return;
  const { options, dataset, device, versions, chain, steps } = facts;
  compare(workers, {
    versions: { ...versions, code: codeHash() },
    options: decisive(options),
    device: device.name,
    images: { sha256: dataset.sha256, labelNoise: dataset.labelNoise, relabelled: dataset.relabelled?.sha256 },
    chain,
    steps,
    weights: params,
    statistics: state,
  });
}

/**
 * Makes sure that the ranks still have the same weights: machines whose processors compute other bits drift apart.
 *
 * @throws When they differ, on all ranks.
 */
export function checkAlike(workers: World, { step, params }: Pick<AnyPosition, 'step' | 'params'>): void {
  if (workers.size > 1) compare(workers, { step, weights: params });
}
