import { randomUUID } from 'node:crypto';

/** The variable by which the ranks of a launch are known. */
export const launchVariable = 'STEPPE_LAUNCHED';

/** Makes a name for a launch, which says how many ranks there are. */
export const launchName = (ranks: number): string => `${ranks}:${randomUUID()}`;

/** How many ranks the launch has started that started this process; undefined where none did. */
export function launchedRanks({ [launchVariable]: launch }: NodeJS.ProcessEnv): number | undefined {
  return launch === undefined ? undefined : Number.parseInt(launch, 10);
}
