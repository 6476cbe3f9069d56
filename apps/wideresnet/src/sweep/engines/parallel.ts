import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, makeFolder, writeAtomically } from '@steppe/files';
import { exitCode } from '../../commands/exit-codes.ts';
import { quoted } from '../../commands/shell.ts';
import { runChild, type Watch } from '../child.ts';
import { checkProgram, type Program } from '../program.ts';
import { type Sweep, trialsOf } from '../sweep.ts';
import { trialFolder, trialLine } from '../trial.ts';
import { untilFree } from '../until-free.ts';

/** GNU parallel; moreutils has another program of that name. */
const gnuParallel: Program = {
  name: 'parallel',
  version: /^GNU parallel/,
  install: 'sudo apt install parallel (or brew install parallel)',
};

/** The trials of a sweep as lines for a shell. */
export const commandsFile = ({ folder }: Pick<Sweep, 'folder'>): string => join(folder, 'commands.txt');

/** Writes the trials of a sweep down, one command a line: line n is trial n - 1. */
export async function writeCommands(sweep: Sweep): Promise<string> {
  const lines = trialsOf(sweep).map((settings, number) =>
    trialLine(sweep.command, settings, trialFolder(sweep.folder, number)),
  );
  const file = commandsFile(sweep);
  makeFolder(sweep.folder);
  await writeAtomically(file, `${lines.join('\n')}\n`);
  return file;
}

/**
 * What takes a device for a command, by a lock that the trial holds as long as it lives. The number of a job slot
 * would not do: GNU parallel counts slots over all hosts, and gives a repeated job another one.
 */
function withDevice(devices: readonly (string | number)[]): string {
  const lock = `"\${XDG_RUNTIME_DIR:-/tmp}/steppe-device-$(id -u)-$CUDA_VISIBLE_DEVICES"`;
  return [
    'export CUDA_VISIBLE_DEVICES',
    `for CUDA_VISIBLE_DEVICES in ${devices.map((device) => quoted(String(device))).join(' ')}; do exec 9>>${lock}; flock -n 9 && break; done`,
    'flock 9',
    'eval {}',
  ].join('; ');
}

/** The words by which GNU parallel is called. */
export function parallelWords({ folder, jobs, spec: { devices, parallel, retries } }: Sweep): readonly string[] {
  const { hosts = [] } = parallel;
  return [
    gnuParallel.name,
    ...['--joblog', join(folder, 'joblog.tsv'), '--resume-failed'],
    ...['--jobs', String(jobs), '--retries', String(retries + 1)],
    // A minute to save and to exit with 75, for a trial that is ended.
    ...['--term-seq', 'TERM,60000,KILL,25'],
    ...hosts.flatMap((host) => ['--sshlogin', host]),
    ...(hosts.length === 0 ? [] : ['--workdir', process.cwd()]),
    ...(devices === undefined ? [] : [withDevice(devices)]),
    ...['::::', join(folder, 'commands.txt')],
  ];
}

/** The exit code of the first trial whose last try failed. */
async function failureOf(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'joblog.tsv'), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const last = new Map<string, number>();
  for (const line of text.trim().split('\n').slice(1)) {
    const [seq = '', , , , , , code, signal] = line.split('\t');
    last.set(seq, Number(signal) > 0 ? exitCode.terminated : Number(code));
  }
  return [...last.values()].find((code) => code !== 0) ?? exitCode.ok;
}

/** Runs a sweep by GNU parallel: what it did before and what failed is known from its job log. */
export async function runParallel(sweep: Sweep, watch: Watch): Promise<number> {
  checkProgram(gnuParallel);
  const { folder, trials } = sweep;
  for (let number = 0; number < trials; number += 1) await untilFree(trialFolder(folder, number), watch);
  const env = { ...process.env, PARALLEL_SHELL: '/bin/sh' };
  const { code, signal } = await runChild(parallelWords(sweep), { stop: watch.stop, env });
  const failure = await failureOf(folder);
  return failure === exitCode.ok && (code !== 0 || signal !== null) ? exitCode.internal : failure;
}
