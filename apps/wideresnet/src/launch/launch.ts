import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from '../commands/exit-codes.ts';
import { type Ending, type Launch, startRanks } from './run-ranks.ts';

const known: ReadonlySet<number> = new Set(Object.values(exitCode));

/** What another try would come to, too. */
const isSettled: ReadonlySet<number> = new Set([
  exitCode.ok,
  exitCode.usage,
  exitCode.data,
  exitCode.unavailable,
  exitCode.terminated,
  exitCode.hungUp,
  exitCode.interrupted,
]);

/** What the ranks' end means to whoever has started them: a code of the app's own, whatever MPI made of it. */
export function meaning({ code, wasReady }: Ending): number {
  if (code !== undefined && known.has(code)) return code;
  return wasReady || (code ?? 0) > 128 ? exitCode.peerLost : exitCode.unavailable;
}

/** The words of a run that goes on from its last checkpoint. */
const resuming = (words: readonly string[]): readonly string[] =>
  words.some((word) => /^--resume(=|$)/.test(word)) ? words : [...words, '--resume', 'auto'];

/** What a signal says that comes between an end of the ranks and their first step after it. */
const notAgain = 'Stopped before the ranks went on: the last checkpoint is there.';

/** Milliseconds before ranks are started again. */
const pause = 1000;

/**
 * Trains on many ranks to their end, and starts them again from the last checkpoint as often as is allowed.
 *
 * @returns What the process ends with.
 */
export async function launch(first: Launch, restarts: number, say: (text: string) => void): Promise<number> {
  let words = first.words;
  let wish: NodeJS.Signals | undefined;
  let stop: () => boolean = () => false;
  let kill: () => void = () => {};
  let isKilled = false;
  const onSignal = (name: NodeJS.Signals): void => {
    if (wish !== undefined) {
      isKilled = true;
      kill();
      return;
    }
    wish = name;
    const called = name === 'SIGINT' ? 'Ctrl-C' : name;
    if (stop()) say(`${called}: the ranks finish the step under way, then save. Once more ends them at once.`);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;
  for (const name of signals) process.on(name, onSignal);
  const wished = (): number =>
    wish === 'SIGINT' ? exitCode.interrupted : wish === 'SIGHUP' ? exitCode.hungUp : exitCode.terminated;
  try {
    for (let again = 0; ; again += 1) {
      const ranks = startRanks({ ...first, words }, say);
      ({ stop, kill } = ranks);
      const ending = await ranks.end;
      const code = meaning(ending);
      const isSaved = code === exitCode.terminated || code === exitCode.hungUp || code === exitCode.interrupted;
      if (wish !== undefined && (isSaved || isKilled || !ending.wasReady)) {
        if (!ending.wasReady) say(again > 0 ? notAgain : 'Stopped before the first step: there is nothing to save.');
        return wished();
      }
      // The input of the first rank has ended, and we have not: mpirun was asked to end.
      if (wish === undefined && code === exitCode.hungUp) return exitCode.terminated;
      if (wish !== undefined || isSettled.has(code)) return code;
      if (again >= restarts) {
        if (restarts > 0) say(`steppe: given up after ${restarts} restarts.`);
        return code;
      }
      words = resuming(words);
      say(
        `steppe: the ranks ended with ${code}; starting them again from the last checkpoint (${again + 1} of ${restarts}).`,
      );
      [stop, kill] = [() => false, () => {}];
      await sleep(pause);
      if (wish === undefined) continue;
      say(notAgain);
      return wished();
    }
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}
