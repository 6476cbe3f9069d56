import { fork } from 'node:child_process';
import { print } from '../report/print.ts';

/** The last line of what a process complained about, shortened. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';

/**
 * Runs a module in a process of its own, so that a crash there is a result here.
 *
 * @param args - Its arguments.
 * @param seconds - How long it may take; then it is killed.
 * @param onMessage - Sees each message that it sends.
 * @returns Why it ended badly: a signal, an exit code, the time limit, with its last words; nothing where it ended
 * well.
 */
export function inChild(
  module: URL | string,
  args: readonly string[],
  seconds: number,
  onMessage: (message: unknown) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = fork(module, [...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let words = '';
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4096);
      // What a library of ours tells its user, such as that it compiles.
      for (const line of text.split('\n')) if (line.startsWith('steppe: ')) print(process.stderr, line);
    });
    child.on('message', onMessage);
    child.on('error', (error) => {
      words = error.message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (late) return resolve(`no answer within ${seconds} s`);
      if (code === 0) return resolve(undefined);
      const last = lastLine(words);
      resolve(`its process ended with ${signal ?? `code ${code}`}${last === '' ? '' : ` (${last})`}`);
    });
  });
}
