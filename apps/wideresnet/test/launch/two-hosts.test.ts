import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerNative } from '@steppe/native';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchers } from '../../../../tools/vitest/mpi.ts';
import { onTwoHosts, withoutTwoHosts } from '../../../../tools/vitest/two-hosts.ts';
import { buildCli, cli } from '../support/cli.ts';
import { alone, type Ended, ranksOf, small, start } from '../support/ranks.ts';
import { leftBy } from '../support/runs.ts';

const title = `launch on two hosts${withoutTwoHosts === undefined ? '' : ` is left out: ${withoutTwoHosts}`}`;

let root = '';
const at = (name: string): string => join(root, name);
/** Three steps an epoch, and a checkpoint after each. */
const words = [...small, '--epochs', '16', '--peer-limit', '5'];
const weightsOf = async (run: string) => ((await leftBy(run)) as { readonly weights: unknown }).weights;

beforeAll(async () => {
  if (withoutTwoHosts !== undefined) return;
  await buildCli();
  // The engine is compiled here: the lock of a host names processes that the other host does not see.
  await registerNative();
  root = await mkdtemp(join(tmpdir(), 'steppe-two-hosts-'));
  await writeFile(at('hosts'), 'hosta slots=1\nhostb slots=1\n');
  expect((await alone([...words, '--m', '4', '--out', at('whole')])).code).toBe(0);
}, 240_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Something that goes wrong, and what is told of it; it ends all ranks. */
type Fault = {
  /** @param second - The process of the first namespace of the second host. */
  readonly happen: (about: { readonly run: string; readonly launcher: number; readonly second: number }) => void;
  readonly told: RegExp;
};

const command = (pid: number): string =>
  execFileSync('ps', ['-o', 'comm=', '-p', `${pid}`], { encoding: 'utf8' }).trim();
const parentOf = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'ppid=', '-p', `${pid}`], { encoding: 'utf8' }));
const rank = (run: string, wanted: string): { readonly pid: number; readonly parent: number } => {
  const found = ranksOf(run).find((each) => each.rank === wanted);
  if (found === undefined) throw new Error(`There is no rank ${wanted}.`);
  return found;
};
const signal =
  (name: NodeJS.Signals) =>
  ({ run }: { readonly run: string }) =>
    process.kill(rank(run, '1').pid, name);
const cable = (second: number, state: string) => {
  execFileSync('nsenter', ['-t', `${second}`, '-n', 'ip', 'link', 'set', 'cable', state]);
};
/** The process of the launcher of MPI, above the first rank. */
function launcherOf(run: string): number {
  for (let pid = rank(run, '0').pid; ; pid = parentOf(pid)) if (/^mpi(run|exec)/.test(command(pid))) return pid;
}

/**
 * Launches a rank on each host, lets one fault after the other happen, each some steps after all were started again,
 * and then what comes last.
 */
function launched(
  run: string,
  options: readonly string[],
  happen: readonly Fault['happen'][],
  last: (launcher: number) => void = () => {},
  what: readonly string[] = [...words, '--out', run],
): Promise<Ended> {
  const env = { NODE_OPTIONS: `--import=${fileURLToPath(new URL('../support/endless.mjs', import.meta.url))}` };
  const launch = [process.execPath, cli, 'launch', '--hosts', at('hosts'), ...options, '--', ...what];
  const [program, ...args] = onTwoHosts(200, launch);
  let happened = 0;
  const isAt = (said: string): boolean => {
    const tries = said.split('"event":"begin"').slice(1);
    const step = new RegExp(`"event":"step".*"step":${3 * happened + 5}\\b`);
    return tries.length === happened + 1 && step.test(tries[happened] ?? '');
  };
  return start(
    program,
    args,
    (text, { said }) => {
      const [, second = ''] = /^hosts: \d+ (\d+)/.exec(said()) ?? [];
      if (/starting them again/.test(text)) cable(Number(second), 'up');
      if (!isAt(said())) return;
      const fault = happen[happened];
      happened += 1;
      const launcher = parentOf(launcherOf(run));
      if (fault === undefined) last(launcher);
      else fault({ run, launcher, second: Number(second) });
    },
    env,
  ).end;
}

const faults = {
  'a rank is killed': { happen: signal('SIGKILL'), told: /on hostb was ended (by signal 9|\(9\))/ },
  'a rank leaves with a code of its own': { happen: signal('SIGALRM'), told: /the ranks ended with 71/ },
  'a rank loops for ever': { happen: signal('SIGUSR2'), told: /not finished after 5 s on rank 0 of 2 \(hosta\)/ },
  'the launcher of MPI is killed': {
    happen: ({ run }) => process.kill(launcherOf(run), 'SIGKILL'),
    told: /was ended by SIGKILL; the ranks were ended, too/,
  },
  'the cable is out': { happen: ({ second }) => cable(second, 'down'), told: /a peer is lost or stuck\./ },
} as const satisfies { readonly [name: string]: Fault };

const [killed, left, loops, launcher, cut] = Object.keys(faults) as (keyof typeof faults)[];

/** Which faults each make has here; the tests of `@steppe/distributed` have others. */
const ofMake = {
  OpenMPI: { names: [killed, left, loops, cut], signal: 'SIGTERM' },
  MPICH: { names: [killed, launcher, cut], signal: 'SIGUSR1' },
} as const;

describe.skipIf(withoutTwoHosts !== undefined).concurrent(title, () => {
  test.each(launchers)(
    '$name: after each fault, and after a signal, all go on to the weights of one process',
    async ({ name, command: mpirun }) => {
      const run = at(`faults-${name}`);
      const { names, signal } = ofMake[name];
      const options = ['--mpirun', mpirun, '--max-restarts', `${names.length}`];
      const happen = names.map((fault) => faults[fault as keyof typeof faults].happen);
      const broken = await launched(run, options, happen, (pid) => process.kill(pid, signal));
      expect(broken.out).toContain('left: 0 on hosta, 0 on hostb\nbeside them: on hosta, on hostb');
      expect(broken.out).toContain('the launcher ends with 75');
      // What launchers of MPI say of their own insides is left out.
      expect(broken.err).not.toMatch(/HYD_|ORTE|mpirun.*abort|Segmentation/);
      const tries = broken.err.split(/(?<=starting them again.*)\n/);
      for (const [i, fault] of names.entries()) expect(tries[i]).toMatch(faults[fault as keyof typeof faults].told);
      const again = await launched(run, ['--mpirun', mpirun], [], undefined, ['train', '--resume', run, '--json']);
      expect(again.out).toContain('the launcher ends with 0');
      expect(await weightsOf(run)).toEqual(await weightsOf(at('whole')));
    },
  );
});
