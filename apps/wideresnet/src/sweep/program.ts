import { spawnSync } from 'node:child_process';
import { CommandError, exitCode } from '../commands/exit-codes.ts';

/** A program that a sweep is handed to. */
export type Program = {
  readonly name: string;
  /** What its `--version` prints when it is the one that is meant. */
  readonly version: RegExp;
  /** How one gets it. */
  readonly install: string;
};

/**
 * Checks that a program is on this machine.
 *
 * @throws When it is not, or another one has its name, with the command that installs it.
 */
export function checkProgram({ name, version, install }: Program): void {
  const { stdout, error } = spawnSync(name, ['--version'], { encoding: 'utf8' });
  if (error === undefined && version.test(stdout)) return;
  const what = error === undefined ? `${name} is another program of that name` : `${name} is not installed`;
  throw new CommandError(`${what}: ${install}`, exitCode.unavailable, { cause: error });
}
