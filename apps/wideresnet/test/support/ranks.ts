import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Launcher } from '../../../../tools/vitest/mpi.ts';
import { cli } from './cli.ts';

/** A run of batches of 8 images on the native engine, with batch norm and dropout. */
export const small = [
  ...['train', '--preset', 'fashion-mini', '--backend', 'native', '--depth', '10', '--width', '1', '--dropout', '0.2'],
  ...['--augment', 'cutout', '--compare', 'none', '--limit', '24', '--batch', '8', '--json'],
] as const;

/** What a command came to. */
export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** A command under way. */
export type Running = {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly said: () => string;
  readonly end: Promise<Ended>;
};

/** Starts a command, each of whose ranks computes on one thread; `onText` sees all that it says. */
export function start(
  command: string,
  args: readonly string[],
  onText: (text: string, running: Running) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(command, args, {
    env: { ...process.env, STEPPE_THREADS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const end = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  const running: Running = {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    said: () => out + err,
    end,
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    onText(text, running);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    onText(text, running);
  });
  return running;
}

/** Runs the built command in one process. */
export const alone = (args: readonly string[]): Promise<Ended> => start(process.execPath, [cli, ...args]).end;

/** Runs the built command on some ranks, started by MPI itself. */
export const onRanks = (
  { command, args }: Launcher,
  ranks: number,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  start(command, [...args, '-n', String(ranks), process.execPath, cli, ...words], undefined, env).end;

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
};

/** A process of a rank. */
export type Rank = { readonly pid: number; readonly parent: number; readonly rank: string };

/** The processes of the ranks that a launch has started for a run, those of other hosts on this machine among them. */
export function ranksOf(run: string): readonly Rank[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [, pid = '', parent = '', args = ''] = /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? [];
    if (!args.startsWith(process.execPath) || !args.includes(`${cli} train`) || !args.includes(run)) return [];
    const [, rank] = /\0(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(environmentOf(pid)) ?? [];
    return rank === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), rank }];
  });
}
