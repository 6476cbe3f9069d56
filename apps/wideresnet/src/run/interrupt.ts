import { exitCode } from '../commands/exit-codes.ts';
import { isLaunched } from '../launch/tell-launcher.ts';

/** SIGUSR1 is what Slurm is told to send some time before its end. */
export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

/** Listens for the wish to stop. */
export type Interrupt = {
  /** Is aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** What came, if anything. */
  received(): NodeJS.Signals | undefined;
  release(): void;
};

/**
 * Turns the first SIGINT, SIGTERM, SIGHUP or SIGUSR1 into the abortion of a signal, so that the step under way is finished and
 * saved.
 *
 * The second one finds no listener: the system ends the process at once, also in the middle of a step that blocks
 * JavaScript.
 */
export function onInterrupt(notify: (name: NodeJS.Signals) => void): Interrupt {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const release = (): void => {
    for (const name of signals) process.off(name, stop);
  };
  const stop = (name: NodeJS.Signals): void => {
    release();
    received = name;
    // Who is asked to end beside its launcher gets what the launcher passes on, too; the launcher ends it at the second.
    if (isLaunched()) process.on('SIGUSR1', () => {});
    notify(name);
    controller.abort();
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, received: () => received, release };
}

/** What the process ends with, once everything is saved. */
export function codeOf(interrupt: Pick<Interrupt, 'received'>): number {
  const signal = interrupt.received();
  if (signal === undefined) return exitCode.ok;
  if (signal === 'SIGHUP') return exitCode.hungUp;
  return signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
}
