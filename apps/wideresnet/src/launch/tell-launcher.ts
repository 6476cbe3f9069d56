import { hostname } from 'node:os';
import { print } from '../report/print.ts';
import { launchedRanks } from './launch-name.ts';

/** Whether `steppe launch` started this process. */
export const isLaunched = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  launchedRanks(environment) !== undefined;

/** Tells `steppe launch`, if it started this process, by a line that it keeps to itself. */
export function tellLauncher(line: string): void {
  if (isLaunched()) print(process.stderr, line);
}

/** Which of several ranks an error is of; nothing of the first one, whose errors are those of the command. */
export function rankOf({ OMPI_COMM_WORLD_RANK, PMIX_RANK, PMI_RANK }: NodeJS.ProcessEnv): string {
  const rank = OMPI_COMM_WORLD_RANK ?? PMIX_RANK ?? PMI_RANK ?? '0';
  return rank === '0' ? '' : `rank ${rank} on ${hostname()}: `;
}

/** Ends this process as SIGHUP does, saved, when the launcher that holds the other end of standard input is gone. */
export function watchLauncher(input: NodeJS.ReadStream): void {
  if (!isLaunched()) return;
  const gone = (): void => void process.kill(process.pid, 'SIGHUP');
  input.on('end', gone).on('error', gone).resume();
  input.unref?.();
}
