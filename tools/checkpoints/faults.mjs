// Kills a process that saves checkpoints 200 times at random moments, then cuts a checkpoint short at every byte and
// turns 20,000 of its bits over, one at a time.
//   npm run build && node tools/checkpoints/faults.mjs [--kills 200] [--parameters 100000] [--flips 20000]
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCheckpoints } from '@steppe/train/node';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { cutShort, flipBits } from './damage.mjs';
import { killSaves } from './kill-saves.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    parameters: { type: 'string', default: '100000' },
    flips: { type: 'string', default: '20000' },
  },
});
await tf.ready();
const saver = fileURLToPath(new URL('../../packages/train/test/support/saver.mjs', import.meta.url));
const run = mkdtempSync(join(tmpdir(), 'steppe-faults-'));
const small = mkdtempSync(join(tmpdir(), 'steppe-faults-'));
try {
  let began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
  const checkpoints = openCheckpoints(run);
  const start = [process.execPath, saver, run, values.parameters];
  const killed = await killSaves(start, { run, kills: Number(values.kills), longest: 300, checkpoints });
  const params = tf.fill([10], 1);
  await checkpoints.latest();
  const end = { step: 2 ** 31, params, state: null, optimizer: null, key: { threefry: [0, 1] } };
  await checkpoints.save(end);
  const left = readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('.tmp')).length;
  console.log(
    `${killed.kills} kills, ${killed.acknowledged} acknowledged saves: ${killed.unreadable} files unreadable, ${killed.lost} saves lost; ` +
      `${killed.halves} half-written files met, ${left} left after the next save; ${seconds()} s.`,
  );

  began = performance.now();
  const others = openCheckpoints(small);
  const file = await others.save({ ...end, step: 1 }, { note: 'small' });
  const at = { step: 1, checkpoints: others };
  const { size } = statSync(file);
  const cuts = await cutShort(file, 1, at);
  const flips = await flipBits(file, Number(values.flips), at);
  console.log(
    `A checkpoint of ${size} bytes: ${size - cuts} of ${size} cuts and ${values.flips - flips} of ${values.flips} single bit flips refused; ${seconds()} s.`,
  );
  if (killed.unreadable + killed.lost + left + cuts + flips > 0) process.exitCode = 1;
} finally {
  rmSync(run, { recursive: true, force: true });
  rmSync(small, { recursive: true, force: true });
}
