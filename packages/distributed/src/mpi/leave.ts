import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Milliseconds that a process gives MPI to end, when all else of it has ended. */
const PATIENCE = 3000;

const call = `
const { ended, koffi, file } = require('node:worker_threads').workerData;
require(koffi).load(file).func('MPI_Finalize', 'int', [])();
Atomics.store(ended, 0, 1);
Atomics.notify(ended, 0);`;

/**
 * Makes the last call of MPI in a thread beside, and ends the process with its own code where that call does not return.
 *
 * MPICH 4 over TCP now and then never leaves MPI_Finalize: a rank that waits for the others there no longer answers one
 * that closes its connection. By then all have come to the end of their work.
 *
 * @param exitNow - Ends the process without a further call of anything.
 */
export function leave(file: string, exitNow: (code: number) => void): void {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const koffi = createRequire(import.meta.url).resolve('koffi');
  new Worker(call, { eval: true, execArgv: [], workerData: { ended, koffi, file } }).unref();
  process.once('exit', (code) => {
    if (Atomics.wait(ended, 0, 0, PATIENCE) !== 'timed-out') return;
    // MPICH's launcher would take an end without this word for a crash, and end the others.
    const { PMI_FD: socket } = process.env;
    if (socket !== undefined) writeSync(Number(socket), 'cmd=finalize\n');
    exitNow(code);
  });
}
