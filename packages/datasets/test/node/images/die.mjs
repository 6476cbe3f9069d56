// Goes over a folder three times, and ends a decoding thread in the second: node die.mjs FOLDER WORKERS
import { Session } from 'node:inspector';
import '@tensorflow/tfjs-backend-cpu';
import { batches } from '@steppe/datasets';
import { loadImageFolder } from '@steppe/datasets/node';
import * as tf from '@tensorflow/tfjs-core';

const [folder, workers] = process.argv.slice(2);
const { train } = await loadImageFolder(folder, { size: 16, workers: Number(workers), hash: 'names' });

/** Ends a thread of this process from inside, by way of the debugger. */
const endThread = () =>
  new Promise((resolve) => {
    const session = new Session();
    session.connect();
    session.once('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
      const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'process.exit(9)' } });
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    });
    session.once('NodeWorker.detachedFromWorker', () => {
      session.disconnect();
      resolve();
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });

async function epoch(prefetch, afterFirst = async () => undefined) {
  let count = 0;
  for await (const { images, labels } of batches(train, { batchSize: 2, prefetch })) {
    count += labels.size;
    tf.dispose([images, labels]);
    if (count === 2) await afterFirst();
  }
  return count;
}

console.log('first', await epoch(2));
// Whether the thread had work before it when it ended is a matter of time.
console.log('ended', await epoch(8, endThread).catch(({ message }) => message));
console.log('again', await epoch(2), tf.memory().numTensors);
