import { Worker } from 'node:worker_threads';
import type { Reporter } from './reporter.ts';

const module = new URL('./watch-worker.js', import.meta.url);

/**
 * Makes a reporter serve a page of the run from its beginning on, in a thread of its own: a step on some devices leaves
 * this one no time. The page ends with the process.
 */
export const withPage = (reporter: Reporter): Reporter => ({
  ...reporter,
  begin(facts, folder, remarks) {
    reporter.begin(facts, folder, remarks);
    const worker = new Worker(module, { workerData: folder });
    worker.on('message', reporter.note);
    worker.on('error', ({ message }) =>
      reporter.note(`There is no page to watch (${message}); training goes on without it.`),
    );
    worker.unref();
  },
});
