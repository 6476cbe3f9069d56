import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Who is told of a sweep, and what may stop it. */
export type Watch = { readonly say: (text: string) => void; readonly stop: AbortSignal };

/** How a program ended. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Where a program runs and what it gets. */
export type ChildOptions = {
  /** The file that its output is appended to; without one it is that of this process. */
  readonly log?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Hands a signal on to it when this is aborted. */
  readonly stop: AbortSignal;
};

/**
 * Runs a program to its end.
 *
 * It has a process group of its own: a Ctrl-C reaches this process alone, which hands on one signal. A program that got
 * both would take the second one for the wish to end at once.
 */
export async function runChild([name = '', ...args]: readonly string[], options: ChildOptions): Promise<Ending> {
  const { log, env = process.env, stop } = options;
  const descriptor = log === undefined ? undefined : openSync(log, 'a');
  const output = descriptor ?? 'inherit';
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(name, args, { env, stdio: ['ignore', output, output], detached: true });
      const end = (): void => void child.kill('SIGTERM');
      stop.addEventListener('abort', end, { once: true });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        stop.removeEventListener('abort', end);
        resolve({ code, signal });
      });
      if (stop.aborted) end();
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
