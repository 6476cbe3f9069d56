import { Worker } from 'node:worker_threads';
import type { Answer, Task } from './task.ts';

/** The same place from src/node/images and from dist/node/images: threads run what is built. */
const script = new URL('../../../dist/node/images/worker.js', import.meta.url);

/** A thread that does tasks one after another; it keeps the process alive only while it has one. */
export type Thread = {
  readonly ask: (task: Task) => Promise<Answer>;
  /** Whether it has ended, so that it answers no more. */
  readonly isGone: () => boolean;
  /** Ends it once it has done what it was asked. */
  readonly end: () => void;
};

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };
type Message = { readonly id: number; readonly answer?: Answer; readonly error?: string };

/** Starts a thread. */
export function startThread(): Thread {
  const worker = new Worker(script, { execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let gone: Error | undefined;
  worker.unref();
  worker.on('message', ({ id, answer, error }: Message) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (answer !== undefined) asker?.resolve(answer);
    else asker?.reject(new Error(error));
  });
  const fail = (cause?: Error): void => {
    gone ??= new Error(`A thread that decodes images ended${cause ? `: ${cause.message}` : ''}.`, { cause });
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail());
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone);
        asked += 1;
        waiting.set(asked, { resolve, reject });
        worker.ref();
        worker.postMessage({ id: asked, task });
      }),
    isGone: () => gone !== undefined,
    end: () => worker.postMessage('end'),
  };
}
