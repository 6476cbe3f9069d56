// Makes the odd calls of ../odd, started by node.mjs: node odd.mjs LIBRARY PROGRESS FROM MIXED. LIBRARY is a shared
// object that was compiled with sanitizers, whose library is loaded before node, or `own` for the kernels as users have
// them. Writes the number and the name of the call that runs to PROGRESS, for a sanitizer ends the process, and so does
// an overrun that canaries show.
import { openSync, writeSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { install } from '../../dist/install.js';
import { loadKoffi, loadLibrary } from '../../dist/library.js';
import { load } from '../../dist/load.js';
import { oddCalls } from '../odd/calls.mjs';

const [path, progress, from, mixed] = process.argv.slice(2);
const library = path === 'own' ? (await load()).library : loadLibrary(loadKoffi(), path);
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
  } catch (error) {
    if (/a bug in its C code/.test(error.message)) {
      console.error(`ERROR: ${error.message}`);
      process.exit(1);
    }
    refused++;
  } finally {
    tf.engine().endScope();
  }
}
writeSync(file, `done ${made} ${refused}`.padEnd(2000), 0);
