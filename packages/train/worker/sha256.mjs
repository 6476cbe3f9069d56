// Hashes what a file holds from a byte on, on a thread beside training: workerData is { file, from }, the message the
// SHA-256 in hexadecimal.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

try {
  // On Linux this is the priority of the thread alone: hashing takes what training leaves of the processor.
  if (process.platform === 'linux') setPriority(getPriority() + 10);
} catch {
  // Some containers forbid it.
}

const { file, from } = workerData;
const hash = createHash('sha256');
const chunk = new Uint8Array(1 << 20);
const descriptor = openSync(file, 'r');
let at = from;
for (;;) {
  const count = readSync(descriptor, chunk, 0, chunk.length, at);
  if (count === 0) break;
  hash.update(chunk.subarray(0, count));
  at += count;
}
closeSync(descriptor);
parentPort?.postMessage(hash.digest('hex'));
