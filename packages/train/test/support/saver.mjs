// Saves positions for ever, or `count` of them, and acknowledges each that is on the disk by its step:
// `node saver.mjs RUN SIZE [COUNT]`. It goes on from the latest checkpoint.
import { writeSync } from 'node:fs';
import { openCheckpoints } from '@steppe/train/node';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

const [run, size, count = Number.POSITIVE_INFINITY] = process.argv.slice(2);
await tf.ready();
const checkpoints = openCheckpoints(run, { warn: (line) => console.error(line) });
const found = await checkpoints.latest();
const first = (found?.step ?? 0) + 1;
writeSync(1, `from ${found?.step ?? 0}\n`);
for (let step = first; step < first + Number(count); step++) {
  const params = tf.tensor1d(new Float32Array(Number(size)).fill(step));
  const position = { step, params, state: null, optimizer: null, key: { threefry: [0, 1] } };
  const file = await checkpoints.save(position, { of: step }, { best: step % 7 === 0 });
  params.dispose();
  if (file !== undefined) writeSync(1, `${step}\n`);
}
await checkpoints.close();
