import { perform } from './perform.ts';
import type { Answer, Task } from './task.ts';
import { startThread, type Thread } from './thread.ts';

/** Threads that share the files of each task among themselves. */
export type Pool = {
  readonly run: (task: Task) => Promise<readonly Answer[]>;
  /** Says that whoever took the pool needs it no more. */
  readonly release: () => void;
};

type Kept = { threads: readonly Thread[]; users: number; timer?: ReturnType<typeof setTimeout> };

/** The pools of this process by their number of threads: each epoch takes the same one again. */
const pools = new Map<number, Kept>();

/** Milliseconds after which threads that nobody needs end: longer than from one epoch to the next. */
const patience = 10_000;

/** Takes the pool of `workers` threads; without any, the calling thread does the tasks. */
export function takePool(workers: number): Pool {
  if (workers === 0) return { run: async (task) => [await perform(task)], release: () => undefined };
  const kept: Kept = pools.get(workers) ?? { threads: Array.from({ length: workers }, startThread), users: 0 };
  pools.set(workers, kept);
  clearTimeout(kept.timer);
  kept.users += 1;
  let isReleased = false;
  return {
    run(task) {
      // One that has died, as of too little memory, fails the task that it had; the next one finds another in its place.
      kept.threads = kept.threads.map((thread) => (thread.isGone() ? startThread() : thread));
      return Promise.all(kept.threads.map((thread) => thread.ask(task)));
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      kept.users -= 1;
      if (kept.users > 0) return;
      kept.timer = setTimeout(() => {
        pools.delete(workers);
        for (const thread of kept.threads) thread.end();
      }, patience);
      kept.timer.unref();
    },
  };
}
