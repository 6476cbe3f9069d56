// Calls world() in several places of one process, and prints what comes of each: `mpirun -n 2 node copies.mjs [thread]`;
// with `thread` a worker thread is the only place.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { world } from '@steppe/distributed';

/** What a call gives, or why it is refused. */
function told(use) {
  try {
    return String(use());
  } catch ({ message }) {
    return message;
  }
}
const sum = (workers) => workers.allReduce(Float32Array.of(workers.rank + 1));
const inThread = (isAlone) =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: isAlone });
    thread.once('message', resolve).once('error', reject);
  });

if (!isMainThread) {
  parentPort.postMessage(
    told(() => {
      const workers = world({ limit: 60 });
      const result = sum(workers);
      if (workerData) workers.finalize();
      return result;
    }),
  );
} else if (process.argv[2] === 'thread') {
  process.stdout.write(`thread: ${await inThread(true)}\n`);
} else {
  const workers = world({ limit: 60 });
  const say = (what, message) => process.stdout.write(`${what} on ${workers.rank}: ${message}\n`);
  say(
    'twice',
    told(() => sum(world())),
  );
  say('thread', await inThread(false));
  // Beside the original, where its imports are found.
  const dist = dirname(fileURLToPath(import.meta.resolve('@steppe/distributed')));
  const copy = join(dist, `copy-${process.pid}`);
  mkdirSync(copy);
  for (const name of readdirSync(dist).filter((name) => name.endsWith('.js') || name === 'mpi'))
    cpSync(join(dist, name), join(copy, name), { recursive: true });
  const other = await import(join(copy, 'index.js'));
  rmSync(copy, { recursive: true });
  say(
    'copy',
    told(() => sum(other.world())),
  );
  workers.finalize();
  say(
    'ended',
    told(() => sum(workers)),
  );
  say(
    'begun anew',
    told(() => world()),
  );
  say(
    'ended copy',
    told(() => other.world()),
  );
}
