// Runs random odd calls on native and on the CPU backend, and says where they part; a crash names the call that it came
// from.
//   npm run build && node packages/native/test/odd/fuzz.mjs [--seconds 60] [--seed 1]
import '@tensorflow/tfjs-backend-cpu';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { registerNative } from '@steppe/native';
import * as tf from '@tensorflow/tfjs-core';
import { outcome, problemOf } from './compare.mjs';
import { exceptions } from './expected.mjs';
import { randomCalls } from './random.mjs';

const { seconds, seed, child } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    child: { type: 'string', default: '' },
  },
}).values;

if (child === '') parent();
else await run(child);

function parent() {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-fuzz-'));
  const note = join(folder, 'call');
  try {
    const args = [fileURLToPath(import.meta.url), '--seconds', seconds, '--seed', seed, '--child', note];
    const timeout = 1000 * (Number(seconds) + 120);
    const { status, signal } = spawnSync(process.execPath, args, { stdio: 'inherit', timeout });
    if (status === null) console.error(`${signal} in ${readFileSync(note, 'utf8')}`);
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(note) {
  await registerNative();
  const end = performance.now() + 1000 * Number(seconds);
  const problems = new Map();
  let count = 0;
  let answered = 0;
  for (const call of randomCalls(Number(seed))) {
    if (performance.now() > end) break;
    count++;
    writeFileSync(note, call.name);
    await tf.setBackend('native');
    const answer = outcome(call);
    if (!answer.error) answered++;
    let reference = call.refused ? { error: new Error('refused everywhere') } : undefined;
    if (!call.refused && !call.ownOnly) {
      await tf.setBackend('cpu');
      reference = outcome(call);
    }
    const problem = problemOf(reference, answer);
    if (problem && !exceptions.some(({ name }) => name.test(call.name)))
      problems.set(`${call.kernel} ${problem.replace(/-?\d+(\.\d+)?/g, '#')}`, `${call.name}: ${problem}`);
  }
  console.log(`${count} calls, ${answered} of them answered, ${problems.size} kinds of problems`);
  for (const problem of problems.values()) console.log(problem);
  process.exitCode = problems.size === 0 ? 0 : 1;
}
