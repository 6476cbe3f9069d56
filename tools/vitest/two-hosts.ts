import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { launchers } from './mpi.ts';

const script = fileURLToPath(new URL('two-hosts.sh', import.meta.url));

/** Why two hosts cannot be made here, if so. */
function obstacle(): string | undefined {
  if (launchers.length === 0) return 'MPI is not installed';
  if (process.getuid?.() !== 0) return 'only root makes namespaces';
  for (const [command, ...args] of [
    ['ip', '-V'],
    ['/usr/sbin/sshd', '-?'],
    ['ssh', '-V'],
    ['unshare', '-V'],
    ['pgrep', '-V'],
  ])
    if (spawnSync(command as string, args).error) return `${command} is not installed`;
  return spawnSync('unshare', ['--net', '--pid', '--fork', 'true']).status === 0
    ? undefined
    : 'namespaces are forbidden';
}

/** What of tests on two hosts tells that they are left out, and why; nothing where they can be made. */
export const withoutTwoHosts = obstacle();

/** The words that run a command on the first of two hosts, `hosta` and `hostb`, and end all on both after some
 * seconds. */
export const onTwoHosts = (seconds: number, words: readonly string[]): readonly [string, ...string[]] => [
  'bash',
  script,
  String(seconds),
  ...words,
];
