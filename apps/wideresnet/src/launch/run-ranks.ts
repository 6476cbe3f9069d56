import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exitCode } from '../commands/exit-codes.ts';
import { terminalVariable } from '../workers/terminal.ts';
import type { Host } from './hosts.ts';
import { launchName, launchVariable } from './launch-name.ts';
import { endLeftOver } from './left-over.ts';
import { type Mpi, wordsOf } from './mpi.ts';
import { type Heard, reader } from './told.ts';

/** What a launch is made of. */
export type Launch = {
  readonly mpi: Mpi;
  readonly ranks: number;
  readonly hosts: readonly Host[];
  /** Those of `steppe train`. */
  readonly words: readonly string[];
};

/** How the ranks ended. */
export type Ending = {
  /** What a rank or the launcher of MPI ended with; undefined where a signal ended that. */
  readonly code: number | undefined;
  /** Whether all ranks had come to listen to signals. */
  readonly wasReady: boolean;
};

/** A launch under way. */
export type Ranks = {
  readonly end: Promise<Ending>;
  /** Asks the ranks to save and to end; before they listen they just end. @returns Whether they listen. */
  stop(): boolean;
  /** Ends them at once. */
  kill(): void;
};

/** Milliseconds that the launcher of MPI has to end: when ranks have given up, when one has ended, when ssh does not
 * reach a machine, and then after SIGTERM. It may wait for ever for a machine that it does not reach any more. */
const grace = { stuck: 10_000, ended: 20_000, unreached: 3000, terminated: 5000 } as const;

/** The variables by which a rank of an outer job knows itself, which ours would take for their own. */
const isOfRank = /^(OMPI_COMM_WORLD_|PMI_|PMIX_(RANK|NAMESPACE|SERVER_|ID$))/;

/** What ssh says when it does not reach a machine. */
const isOfSsh = /^(ssh: |Host key verification failed|.*: Permission denied \()/;

/** What MPICH's launcher says, of its own code. */
const ofMpich = /^\[(proxy:\d+:\d+|mpiexec)@\S+\] /;

/** What is heard that has words. */
type Told = Extract<Heard, { readonly text: string }>;

const cli = fileURLToPath(new URL('../cli.js', import.meta.url));

/** The terminal of this process, for the first rank. */
const terminal = ({ isTTY, columns, rows }: NodeJS.WriteStream): string => (isTTY ? `${columns}x${rows}` : 'none');

/**
 * Starts ranks by MPI, in a process group of their own: a Ctrl-C reaches this process alone. Their first one watches
 * its standard input, which ends with this process, so that nothing goes on without it.
 *
 * @param say - Gets the lines of standard error that are for the user.
 */
export function startRanks({ mpi, ranks, hosts, words }: Launch, say: (text: string) => void): Ranks {
  const launch = launchName(ranks);
  const own = Object.entries(process.env).filter(([name]) => !isOfRank.test(name));
  const env = { ...Object.fromEntries(own), [launchVariable]: launch, [terminalVariable]: terminal(process.stdout) };
  const program = [process.execPath, ...process.execArgv, cli, ...words];
  const child = spawn(mpi.command, [...wordsOf(mpi, ranks, hosts, env), ...program], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let isReady = false;
  let isAskedToStop = false;
  let code: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  let isUnreached = false;
  /** What a launcher of MPI says that is ended, its own crash and the death of ranks among that, is of no use, nor what
   * it makes of a machine that ssh does not reach, nor what MPICH's says of its insides when a rank has died. */
  const isForUser = ({ kind, text }: Told): boolean =>
    kind === 'stuck' ||
    (kind === 'line' && text.startsWith('steppe: ')) ||
    !(isEnded || isUnreached || (kind === 'line' && isReady && ofMpich.test(text)));
  /** Ends the launcher of MPI. */
  const endNow = (): void => {
    clearTimeout(timer);
    isEnded = true;
    child.kill('SIGTERM');
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      endLeftOver(launch);
    }, grace.terminated);
  };
  const endIn = (wait: number): void => {
    clearTimeout(timer);
    timer = setTimeout(endNow, wait);
  };
  const told = reader((heard) => {
    if (heard.kind === 'ready') {
      isReady = true;
      // MPICH's launcher tells its ranks what it gets, who may have come to listen first.
      if (isAskedToStop && mpi.make === 'MPICH') {
        clearTimeout(timer);
        isEnded = false;
        child.kill('SIGUSR1');
      }
      return;
    }
    if (heard.kind === 'code') {
      code ||= heard.code;
      if (timer === undefined) endIn(grace.ended);
    }
    if (heard.kind === 'stuck') endIn(grace.stuck);
    if (heard.kind !== 'code' && isForUser(heard)) say(heard.text);
    // MPICH waits for ever for a machine that ssh does not reach.
    if (heard.kind === 'line' && !isReady && isOfSsh.test(heard.text)) {
      say('steppe: ssh must reach every host without a password: try ssh HOST true.');
      code ??= exitCode.unavailable;
      isUnreached = true;
      endIn(grace.unreached);
    }
  });
  child.stdin.on('error', () => {});
  // Not by a pipe: the ranks go on when nobody reads what they print.
  if (mpi.make === 'OpenMPI') child.stdout.on('data', (bytes: Buffer) => process.stdout.write(bytes));
  // MPICH tells there of a rank that has died.
  const printed = reader((heard) => {
    if (heard.kind === 'ready' || heard.kind === 'code') return;
    if (heard.kind !== 'line' || heard.text.startsWith('steppe: ')) {
      if (isForUser(heard)) say(heard.text);
    } else process.stdout.write(`${heard.text}\n`);
  }, /^={70,}$/);
  if (mpi.make === 'MPICH') child.stdout.setEncoding('utf8').on('data', printed.read);
  child.stderr.setEncoding('utf8').on('data', told.read);
  const end = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (_, signal) => {
      // Its ranks may hold its pipes open and go on without it.
      if (signal === null) return;
      if (!isEnded) say(`steppe: ${mpi.command} was ended by ${signal}; the ranks were ended, too.`);
      endLeftOver(launch);
    });
    child.on('close', (own, signal) => {
      clearTimeout(timer);
      told.end();
      printed.end();
      // That of MPICH now and then ends with 0 whatever its ranks end with.
      const isUntold = code === undefined && own === 0;
      if (isUntold && !isEnded) say(`steppe: ${mpi.command} ended with 0, and no rank has come to its end.`);
      resolve({ code: code ?? (signal === null && !isUntold ? (own ?? undefined) : undefined), wasReady: isReady });
    });
  });
  return {
    end,
    stop() {
      isAskedToStop = true;
      if (isReady) child.kill('SIGUSR1');
      else endNow();
      return isReady;
    },
    kill: endNow,
  };
}
