import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Launcher } from '../../../../tools/vitest/mpi.ts';
import { onTwoHosts } from '../../../../tools/vitest/two-hosts.ts';

/** What a job of several processes has come to. */
export type Job = {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
};

/** What each of the turns is busy with. */
const turns: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
let taken = 0;

/** Runs two jobs at a time: they wait for the most part, and more would take the processor from each other's ranks for
 * longer than a rank waits. */
function inTurn(run: () => Promise<Job>): Promise<Job> {
  const turn = taken++ % turns.length;
  const job = (turns[turn] as Promise<unknown>).then(run, run);
  turns[turn] = job;
  return job;
}

/** The path of a script beside this file. */
export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs a program to its end. */
const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Job> =>
  inTurn(
    () =>
      new Promise<Job>((resolve, reject) => {
        const child = spawn(command, args, { env: { ...process.env, STEPPE_THREADS: '1', ...env } });
        let [out, errors] = ['', ''];
        child.stdout.on('data', (bytes) => {
          out += bytes;
        });
        child.stderr.on('data', (bytes) => {
          errors += bytes;
        });
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, out, errors }));
      }),
  );

/** Runs `ranks` processes of a script by a launcher. */
export const runRanks = (
  { command, args }: Launcher,
  ranks: number,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Job> => run(command, [...args, '-n', String(ranks), process.execPath, ...words], env);

const places = ['--host', 'hosta:2,hostb:2', '--map-by', 'ppr:2:node', '--bind-to', 'none', '-x', 'STEPPE_THREADS'];
const starters = {
  OpenMPI: ['mpirun.openmpi', '--allow-run-as-root', ...places],
  MPICH: ['mpiexec.mpich', '-hosts', 'hosta:2,hostb:2'],
} as const satisfies { readonly [name in Launcher['name']]: readonly string[] };

/** Runs two ranks of a script on each of two hosts. */
export function runOnTwoHosts(words: readonly string[], make: Launcher['name'] = 'OpenMPI'): Promise<Job> {
  const job = [...starters[make], '-n', '4', process.execPath, ...words];
  const [command, ...args] = onTwoHosts(60, job);
  return run(command, args);
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
