// Goes over a folder of images as often as a line comes in: node loader.mjs FOLDER WORKERS BATCH (prints as its peer).
import '@tensorflow/tfjs-backend-cpu';
import { createInterface } from 'node:readline';
import { batches } from '@steppe/datasets';
import { loadImageFolder, randomResizedCrop, withView } from '@steppe/datasets/node';
import * as tf from '@tensorflow/tfjs-core';

const [folder, workers, batchSize] = process.argv.slice(2);
const { train } = await loadImageFolder(folder, { workers: Number(workers), hash: 'names' });
const seen = withView(train, randomResizedCrop(224));
let epoch = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  let count = 0;
  for await (const { images, labels } of batches(seen, { batchSize: Number(batchSize), shuffle: true, epoch })) {
    count += labels.size;
    tf.dispose([images, labels]);
  }
  epoch += 1;
  // Of all threads of this process, those of the decoder too.
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, count }));
}
