// Makes the odd calls of ../odd on kernels that were compiled with sanitizers; started by run.mjs, with the sanitizer's library
// loaded before node: node odd.mjs LIBRARY PROGRESS FROM MIXED. Writes the number and the name of the call that runs to PROGRESS,
// for a sanitizer ends the process.
import { openSync, writeSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { install } from '../../dist/install.js';
import { loadKoffi, loadLibrary } from '../../dist/library.js';
import { oddCalls } from '../odd/calls.mjs';

const [path, progress, from, mixed] = process.argv.slice(2);
const library = loadLibrary(loadKoffi(), path);
library.steppe_set_threads(2);
install('native', library);
await tf.setBackend('native');
const file = openSync(progress, 'w');
let [number, made, refused] = [-1, 0, 0];
for (const { name, run } of oddCalls({ mixed: Number(mixed) })) {
  if (++number < Number(from)) continue;
  writeSync(file, `${number} ${name}`.slice(0, 2000).padEnd(2000), 0);
  tf.engine().startScope();
  try {
    for (const tensor of [run()].flat()) tensor.dataSync();
    made++;
  } catch {
    refused++;
  } finally {
    tf.engine().endScope();
  }
}
writeSync(file, `done ${made} ${refused}`.padEnd(2000), 0);
