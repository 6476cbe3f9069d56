import type { World } from '@steppe/distributed';
import type { Options } from '../options/table.ts';
import { checkRanks } from '../run/resume/differences.ts';
import { readFacts } from '../run/resume/saved.ts';
import { shownPath } from '../run/run-folder.ts';
import { imagesOfRank, settleWorkers, sharesPerturbation } from './settle.ts';

/** A run's options without what its number of ranks made of them, which another number makes anew. */
function unsettled(options: Options, ranks: number): Options {
  const { m, accumulate, ...others } = options;
  if (options.chain !== undefined) return options;
  if (sharesPerturbation(options)) return accumulate === ranks ? { ...others, ...(m !== undefined && { m }) } : options;
  const ownM = m === imagesOfRank(options, { size: ranks });
  return ownM ? { ...others, ...(accumulate !== undefined && { accumulate }) } : options;
}

/**
 * Settles what several ranks make of a run that goes on. What others made of it does not bind them: with the m of half a
 * batch, which two ranks had, four would have no room.
 *
 * @throws When it is of another number of ranks and nobody has allowed that, before anything is made of it.
 */
export async function resettleWorkers(options: Options, { size }: Pick<World, 'size'>): Promise<Options> {
  const begun = options.out === undefined ? undefined : await readFacts(options.out);
  if (options.out === undefined || begun === undefined) return settleWorkers(options, { size });
  const { ranks = 1 } = begun;
  if (options['change-ranks'] !== true) checkRanks(`The run in ${shownPath(options.out)}`, ranks, size);
  // One process computes what its ranks did, by the same options.
  const asAsked = ranks > 1 && size > 1 && ranks !== size ? unsettled(options, ranks) : options;
  return settleWorkers(asAsked, { size });
}
