import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

/** What a job of several processes has come to. */
export type Job = {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
  readonly seconds: number;
};

/** A job under way. */
export type Running = { readonly end: Promise<Job> };

/** The path of a script beside this file. */
export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Starts a program and what it prints. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const begin = performance.now();
  const child = spawn(command, args, { env: { ...process.env, STEPPE_THREADS: '1', ...env } });
  let [out, errors] = ['', ''];
  child.stdout?.on('data', (bytes) => {
    out += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    errors += bytes;
  });
  const end = new Promise<Job>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, errors, seconds: (performance.now() - begin) / 1000 }));
  });
  return { end };
}

/** Starts `ranks` processes of a script by a launcher. */
export const startRanks = (
  { command, args }: Launcher,
  ranks: number,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Running => start(command, [...args, '-n', String(ranks), process.execPath, ...words], env);

/** Starts two ranks of a script on each of two hosts, which `hosts.sh` makes, by OpenMPI. */
export function startOnTwoHosts(words: readonly string[]): Running {
  const places = ['--host', 'hosta:2,hostb:2', '--map-by', 'ppr:2:node', '--bind-to', 'none', '-x', 'STEPPE_THREADS'];
  const job = ['mpirun.openmpi', '--allow-run-as-root', ...places, '-n', '4', process.execPath, ...words];
  return start('bash', [script('hosts.sh'), ...job]);
}

/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The processes of the ranks that have said so, as `faulty.mjs` does. */
export const ranksOf = (text: string): readonly number[] =>
  [...text.matchAll(/rank \d is (\d+)/g)].map(([, pid]) => Number(pid));

/** Waits until something holds; the time limit of the test ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
