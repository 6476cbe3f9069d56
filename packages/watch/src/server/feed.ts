import type { Look, Run } from '../run.ts';
import type { Watched } from '../runs/watch-runs.ts';

/** What a reader is told: the runs that changed since it was last told of them, and all else as it is. */
export type News = {
  readonly runs: readonly Run[];
  /** The names of all runs there are. */
  readonly names: readonly string[];
  readonly problems: Look['problems'];
  readonly unread: number;
};

/** News for any number of readers, each of whom is told at its own pace: nothing waits for the slow ones. */
export type Feed = {
  /** Looks at the runs now. */
  refresh(): Promise<void>;
  /** Looks at them about once a second until the returned function is called. */
  enter(): () => void;
  /** What is new after a number, as JSON, and the number that it leads to. */
  newsSince(number: number): { readonly number: number; readonly text: string };
  /** Waits until there is something new after a number, or the signal is aborted. */
  changed(number: number, signal: AbortSignal): Promise<void>;
};

/** Bytes of logs that are read before readers are told of them. */
const portion = 8_000_000;

/** More problems than anybody reads. */
const maxProblems = 100;

/** Opens the feed of the runs that are watched. */
export function openFeed(watched: Watched, pause = 1000): Feed {
  const rows = new Map<string, { readonly run: Run; readonly json: string; readonly number: number }>();
  const texts = new Map<number, string>();
  const waiting = new Set<() => void>();
  let rest: Omit<News, 'runs'> = { names: [], problems: [], unread: 0 };
  let number = 0;
  let readers = 0;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    // The folder may be gone for a while, as a disk of the network is.
    const { runs, problems, unread }: Look = await watched
      .look(portion)
      .catch((error: Error) => ({ runs: [], problems: [{ file: '.', why: error.message }], unread: 0 }));
    const next = { names: runs.map(({ name }) => name), problems: problems.slice(0, maxProblems), unread };
    const changed = runs.filter((run) => JSON.stringify(run) !== rows.get(run.name)?.json);
    if (number > 0 && changed.length === 0 && JSON.stringify(next) === JSON.stringify(rest)) return;
    number += 1;
    rest = next;
    for (const name of rows.keys()) if (!rest.names.includes(name)) rows.delete(name);
    for (const run of changed) rows.set(run.name, { run, json: JSON.stringify(run), number });
    texts.clear();
    for (const wake of [...waiting]) wake();
  };
  const refresh = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const go = async (): Promise<void> => {
    await refresh();
    if (readers > 0) timer = setTimeout(go, rest.unread > 0 ? 0 : pause);
  };

  return {
    refresh,
    enter() {
      readers += 1;
      if (readers === 1) void go();
      return () => {
        readers -= 1;
        if (readers === 0) clearTimeout(timer);
      };
    },
    newsSince(since) {
      let text = texts.get(since);
      if (text === undefined) {
        const runs = [...rows.values()].filter((row) => row.number > since).map(({ run }) => run);
        text = JSON.stringify({ runs, ...rest } satisfies News);
        texts.set(since, text);
      }
      return { number, text };
    },
    changed(since, signal) {
      if (number > since || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    },
  };
}
