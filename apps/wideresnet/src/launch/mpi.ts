import { spawnSync } from 'node:child_process';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Host } from './hosts.ts';

/** A program that starts the ranks, and whose it is. */
export type Mpi = { readonly command: string; readonly make: 'OpenMPI' | 'MPICH' };

/** What they are called where both are installed, and where one is. */
const usual = ['mpirun', 'mpiexec', 'mpirun.openmpi', 'mpiexec.mpich', 'mpiexec.hydra'];

function makeOf(command: string): Mpi['make'] | undefined {
  const { stdout, error } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  if (error !== undefined) return undefined;
  if (/Open MPI|OpenRTE|PRRTE/i.test(stdout)) return 'OpenMPI';
  return /HYDRA|MPICH|Intel\(R\) MPI/i.test(stdout) ? 'MPICH' : undefined;
}

/**
 * Finds the program that starts ranks.
 *
 * @param named - The one that the user wants.
 * @throws When there is none, with the command that installs it.
 */
export function findMpi(named?: string): Mpi {
  for (const command of named === undefined ? usual : [named]) {
    const make = command === '' ? undefined : makeOf(command);
    if (make !== undefined) return { command, make };
  }
  const what =
    named === undefined
      ? 'Many ranks are started by MPI, and neither mpirun nor mpiexec is here'
      : `--mpirun ${named || '""'} is no mpirun of OpenMPI and no mpiexec of MPICH`;
  throw new CommandError(`${what}: apt-get install openmpi-bin, or mpich.`, exitCode.unavailable);
}

/** The variables that ranks on other machines get, too. */
const isHandedOn = (name: string): boolean =>
  /^(STEPPE|NODE|TF_FORCE|TF_GPU)_|^(CUDA_VISIBLE_DEVICES|LD_LIBRARY_PATH)$/.test(name);

/**
 * The words of the program that starts some ranks.
 *
 * OpenMPI would cut names of machines at their first dot, by which ssh may not find them. Ranks are bound to no
 * processors: on one machine they divide them by themselves, and two launches would share a core.
 *
 * @param hosts - Where they run; none where the cluster or this machine alone decides.
 */
export function wordsOf(
  { make }: Mpi,
  ranks: number,
  hosts: readonly Host[],
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const list = hosts.map(({ name, slots }) => `${name}:${slots}`).join(',');
  if (make === 'MPICH') return ['-n', String(ranks), ...(hosts.length > 0 ? ['-hosts', list] : [])];
  return [
    ...['-n', String(ranks), '--bind-to', 'none', '--oversubscribe'],
    ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []),
    ...(hosts.length > 0 ? ['--host', list, '--mca', 'orte_keep_fqdn_hostnames', '1'] : []),
    ...Object.keys(environment)
      .filter(isHandedOn)
      .flatMap((name) => ['-x', name]),
  ];
}
