import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The ranks beside a rank. */
export type Shared = {
  readonly localRank: number;
  /** Ranks on its machine. */
  readonly localSize: number;
  /** Those that may run on the same processors. */
  readonly together: number;
};

/** The processors that this process may run on, as the system lists them: launchers bind ranks to some. */
function processors(): string {
  try {
    return /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** Cores among the processors that this process may run on; two threads of one core are no faster than one. */
function cores(): number {
  const folder = '/sys/devices/system/cpu';
  const available = availableParallelism();
  try {
    const siblings = readdirSync(folder).flatMap((cpu) =>
      /^cpu\d+$/.test(cpu) ? [readFileSync(`${folder}/${cpu}/topology/thread_siblings_list`, 'utf8')] : [],
    );
    return Math.min(available, new Set(siblings).size || available);
  } catch {
    return available;
  }
}

/** The device of a rank where `named` are those that its machine may use; of one alone all are given. */
function deviceOf(named: string | undefined, { localRank }: Shared): string {
  const devices = (named ?? '').split(',').filter((device) => device !== '');
  if (named === undefined || devices.length === 0) return named ?? String(localRank);
  return devices[localRank % devices.length] ?? '';
}

/**
 * Takes a rank's part of its machine, before a device is started: one GPU each, as CUDA_VISIBLE_DEVICES names them, and
 * a part of the processors that no other rank uses.
 *
 * What the user or the cluster has said stays: STEPPE_THREADS, and a single device that is this rank's already.
 */
function take(shared: Shared, environment: NodeJS.ProcessEnv, all: number = cores()): void {
  environment.CUDA_VISIBLE_DEVICES = deviceOf(environment.CUDA_VISIBLE_DEVICES, shared);
  environment.STEPPE_THREADS ??= String(Math.max(1, Math.floor(all / shared.together)));
}

/** How ranks divide a machine. */
export const shareDevice = { processors, take };
