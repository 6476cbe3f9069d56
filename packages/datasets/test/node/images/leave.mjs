// Goes over a folder of images in one of the ways in which a loop ends; the process has to end by itself.
// node leave.mjs FOLDER WAY WORKERS
import '@tensorflow/tfjs-backend-cpu';
import { batches } from '@steppe/datasets';
import { loadImageFolder } from '@steppe/datasets/node';
import * as tf from '@tensorflow/tfjs-core';

const [folder, way, workers] = process.argv.slice(2);
const { train } = await loadImageFolder(folder, { size: 16, workers: Number(workers), hash: 'names' });
const controller = new AbortController();
let count = 0;
try {
  for await (const { images, labels } of batches(train, { batchSize: 2, prefetch: 4, signal: controller.signal })) {
    tf.dispose([images, labels]);
    count += 1;
    if (way === 'break') break;
    if (way === 'throw') throw new Error('thrown');
    if (way === 'abort') controller.abort(new Error('aborted'));
    if (way === 'exit') process.exit(3);
  }
} catch (error) {
  console.log(error.message);
}
console.log(`${way} after ${count}, ${tf.memory().numTensors} tensors`);
