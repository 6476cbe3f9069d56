import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { PEER_LOST } from './load.ts';

/** What the thread beside does: MPI_Init holds the one that calls it, and no timer of that runs. */
const guard = `
const { workerData } = require('node:worker_threads');
const { ended, seconds, told, koffi, code } = workerData;
// In parts: the time in which the process was stopped is not waited for.
let left = 1000 * seconds;
while (left > 0 && Atomics.wait(ended, 0, 0, Math.min(left, 1000)) === 'timed-out') left -= 1000;
if (left <= 0) {
  require('node:fs').writeSync(2, told);
  require(koffi).load('libc.so.6').func('_exit', 'void', ['int'])(code);
}`;

/** Makes a call that may never return, and ends the process with a sentence where it does not within a time. */
export function within<T>(seconds: number, told: string, call: () => T): T {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const koffi = createRequire(import.meta.url).resolve('koffi');
  const workerData = { ended, seconds, told: `steppe: ${told}\n`, koffi, code: PEER_LOST };
  new Worker(guard, { eval: true, execArgv: [], workerData }).unref();
  try {
    return call();
  } finally {
    Atomics.store(ended, 0, 1);
    Atomics.notify(ended, 0);
  }
}
