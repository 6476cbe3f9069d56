import { spawnSync } from 'node:child_process';

/** A launcher of MPI, with the arguments that let it run as root, on a machine of few cores, where CI is. */
export type Launcher = {
  readonly name: 'OpenMPI' | 'MPICH';
  readonly command: string;
  readonly args: readonly string[];
};

const all: readonly Launcher[] = [
  { name: 'OpenMPI', command: 'mpirun.openmpi', args: ['--oversubscribe', '--allow-run-as-root', '--bind-to', 'none'] },
  { name: 'MPICH', command: 'mpiexec.mpich', args: [] },
];

/** Those that are installed: `.ci/run` installs both, and elsewhere their tests are left out. */
export const launchers: readonly Launcher[] = all.filter(
  ({ command }) => spawnSync(command, ['--version'], { timeout: 20_000 }).status === 0,
);

if (launchers.length < all.length)
  process.stderr.write(
    'Tests of many ranks are left out where OpenMPI or MPICH is missing: apt-get install openmpi-bin mpich.\n',
  );
