import { hostname } from 'node:os';
import { type World, world } from '@steppe/distributed';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { launchedRanks } from '../launch/launch-name.ts';
import type { Options } from '../options/table.ts';
import { type Shared, shareDevice } from './share-device.ts';

/** Seconds that a rank waits for the others at a step where nobody says. */
const usualLimit = 120;

/** Before the first step ranks wait so many times as long for each other: they read images, at different speeds. */
const patience = 10;

/** The ranks of a run. */
export type Workers = {
  /** Waits long: for what comes before the first step. */
  readonly early: World;
  /** Makes the world of the steps, where all ranks have come to the first one. */
  readonly begin: () => World;
};

/** Makes what MPI refuses one line, not a defect of ours. */
function told<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new CommandError((cause as Error).message, exitCode.unavailable, { cause });
  }
}

const text = new TextEncoder();

/** Refuses ranks that train alone: a launcher of another kind does not tell them of each other. */
function checkSize({ size }: Pick<World, 'size'>, launched = launchedRanks(process.env)): void {
  if (launched === undefined || launched === size) return;
  throw new CommandError(
    `steppe launch started ${launched} ranks, and this one finds ${size}: --mpirun must be an mpirun of OpenMPI or an mpiexec of MPICH, which its ranks know.`,
    exitCode.unavailable,
  );
}

/** What was joined: a process does so once. */
let joined: World | undefined;

/**
 * Joins the processes that `steppe launch`, `mpirun`, `srun` or Kubernetes started together, and takes this one's part
 * of the machine: a device, or a share of the processors.
 *
 * @throws When MPI started them and cannot be used, in one line that says what to install.
 */
export function joinWorkers({ 'peer-limit': limit = usualLimit }: Pick<Options, 'peer-limit'>): Workers {
  const isJoined = joined !== undefined;
  const early = joined ?? told(() => world({ limit: patience * limit }));
  // Of one process there is one for each run, which ends it.
  if (early.size > 1) joined = early;
  checkSize(early);
  if (early.size > 1 && !isJoined) {
    const own = shareDevice.processors();
    const places = early.allGather(text.encode(`${hostname()} ${own}`)).map((bytes) => new TextDecoder().decode(bytes));
    const shared: Shared = {
      localRank: early.localRank,
      localSize: early.localSize,
      together: places.filter((place) => place === places[early.rank]).length,
    };
    shareDevice.take(shared, process.env);
  }
  return { early, begin: () => (early.size === 1 ? early : told(() => world({ limit }))) };
}
