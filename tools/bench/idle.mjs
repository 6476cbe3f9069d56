// What a pause costs the next gradient: its milliseconds, its processor time and its page faults after pauses of several
// lengths, beside gradients without a pause. A pause in which the thread sleeps (`--block`) shows what is the engine's
// and the processor's; one in which it waits for a timer shows what V8 does meanwhile.
//   npm run build && node [--trace-gc] tools/bench/idle.mjs [--block] [--network 16-1-32] [--rounds 5]
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { dispose } from '@steppe/tree';
import { classifier } from './classifier.mjs';
import { median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    block: { type: 'boolean', default: false },
    network: { type: 'string', default: '16-1-32' },
    rounds: { type: 'string', default: '5' },
  },
});
const { description } = await useBackend('native');
const { params, state, examples, loss } = classifier(values.network);
const gradient = valueAndGrad((w, b) => loss(w, state, b));
const word = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms) => (values.block ? Atomics.wait(word, 0, 0, ms) : sleep(ms));

async function once() {
  const [used, begin] = [process.resourceUsage(), performance.now()];
  const result = gradient(params, examples);
  await result.value.data();
  const ms = performance.now() - begin;
  const after = process.resourceUsage();
  dispose(result);
  const cpu = (after.userCPUTime + after.systemCPUTime - used.userCPUTime - used.systemCPUTime) / 1000;
  return { ms, cpu, faults: after.minorPageFault - used.minorPageFault };
}

for (let i = 0; i < 60; i++) await once();
const rows = [];
for (const ms of [0, 1, 50, 500, 1500]) {
  const first = [];
  const second = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    if (ms > 0) await pause(ms);
    first.push(await once());
    second.push(await once());
    for (let i = 0; i < 8; i++) await once();
  }
  const of = (list, name) => median(list.map((each) => each[name])).toFixed(1);
  rows.push({
    'pause (ms)': ms,
    'next gradient (ms)': of(first, 'ms'),
    'its processor time (ms)': of(first, 'cpu'),
    'its page faults': of(first, 'faults'),
    'the one after (ms)': of(second, 'ms'),
  });
}
console.log(`${description}, ${values.network}, ${values.block ? 'the thread sleeps' : 'a timer'}\n\n${table(rows)}`);
