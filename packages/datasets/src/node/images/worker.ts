// A thread that reads and decodes images beside training: a message is { id, task } or 'end', the answer { id, ... }.
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { perform } from './perform.ts';
import type { Task } from './task.ts';

// One thread decodes one image; what decodes and is not needed again need not be kept.
sharp.concurrency(1);
sharp.cache(false);

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: 'end' | { readonly id: number; readonly task: Task }) => {
  if (message === 'end') {
    parentPort?.close();
    return;
  }
  // One task after another, in their order.
  last = last.then(async () => {
    const { id, task } = message;
    try {
      parentPort?.postMessage({ id, answer: await perform(task) });
    } catch (error) {
      parentPort?.postMessage({ id, error: (error as Error).message });
    }
  });
});
