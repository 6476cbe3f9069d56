// Native beside PyTorch (eager, compiled, bf16 autocast) and JAX (jit): each side in a process of its own, all of them in
// turns in one run, each warm; and the peak memory of each process.
//   npm run build && PYTHON=/path/to/python node tools/bench/peer.mjs [--turns 9] [--save FILE] [--keep] [row ...]
// Rows are numbers from 1 on, as listed below; all of them unless named. --save FILE adds the rows of this run to those
// that FILE holds, so that each may run on its own; --keep writes all of them to docs/benchmarks.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openJax, openNative, openTorch } from './peer-process.mjs';
import { keep, measureRows, median, table } from './report.mjs';
import { settle } from './settle.mjs';

const rows = [
  ['16-1-8', 'gradient'],
  ['16-1-32', 'gradient'],
  ['16-1-32', 'SAM step'],
  ['16-1-128', 'gradient'],
  ['16-4-32', 'SAM step'],
  ['16-4-128', 'gradient'],
  ['16-4-128', 'SAM step'],
  ['16-4-128', 'evaluation'],
  ['28-10-8-32-3', 'gradient'],
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '9' },
    save: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const threads = process.env.STEPPE_THREADS ?? '2';
/** A side: how it is opened and what is asked of it beside the work. */
const sides = {
  native: [() => openNative(threads)],
  eager: [() => openTorch(threads)],
  compile: [() => openTorch(threads), { compile: true }],
  bf16: [() => openTorch(threads), { autocast: true }],
  JAX: [openJax],
};

async function measure([name, work]) {
  const [depth, width, batch, side = 28, channels = 1] = name.split('-').map(Number);
  const opened = {};
  for (const [which, [open, more]] of Object.entries(sides)) {
    const { peer, ask, close } = await open();
    const asked = { work, depth, width, batch, side, channels, autocast: false, ...more };
    const { parameters } = await ask(asked);
    opened[which] = { peer, ask, close, parameters, turns: [] };
  }
  for (const [which, { parameters }] of Object.entries(opened)) {
    if (parameters !== opened.native.parameters)
      throw new Error(`${name}: ${opened.native.parameters} parameters, ${which} has ${parameters}.`);
  }
  for (const each of Object.values(opened)) {
    const seconds = async (times) => (await each.ask({ times })).seconds;
    each.first = await settle(async () => (await seconds(1))[0], 8);
    // Short works come in a row of about 0.3 s, of which the first wakes the threads and is dropped.
    const pace = median(await seconds(3));
    each.times = pace > 0.2 ? 1 : 1 + Math.min(60, Math.ceil(0.3 / pace));
  }
  const names = Object.keys(opened);
  for (let turn = 0; turn < Number(values.turns); turn++) {
    for (const which of turn % 2 ? names.toReversed() : names) {
      const each = opened[which];
      await sleep(30);
      const { seconds, kilobytes } = await each.ask({ times: each.times });
      each.turns.push(median(each.times > 1 ? seconds.slice(1) : seconds));
      each.megabytes = Math.round(kilobytes / 1024);
    }
  }
  for (const { close } of Object.values(opened)) await close();
  const ms = (seconds) => (1000 * seconds).toFixed(1);
  const beside = (which) => {
    const ratios = opened.native.turns.map((mine, i) => mine / opened[which].turns[i]).sort((a, b) => a - b);
    const at = (share) => ratios[Math.floor(share * (ratios.length - 1))].toFixed(2);
    return `${median(ratios).toFixed(2)} (${at(0.25)}–${at(0.75)})`;
  };
  const { native, ...others } = opened;
  return {
    peers: [...new Set(Object.values(others).map(({ peer }) => peer))],
    native: native.peer,
    row: {
      work: `WRN-${depth}-${width} b${batch} ${side}²×${channels} ${work}`,
      'native, warm (ms)': ms(median(native.turns)),
      '/ eager': beside('eager'),
      '/ torch.compile': beside('compile'),
      '/ bf16 autocast': beside('bf16'),
      '/ JAX jit': beside('JAX'),
      'first call: native, eager, compile, JAX (ms)': ['native', 'eager', 'compile', 'JAX']
        .map((which) => Math.round(1000 * opened[which].first))
        .join(', '),
      'peak memory: native, eager, compile, bf16, JAX (MB)': names.map((which) => opened[which].megabytes).join(', '),
    },
  };
}

const done = await measureRows(rows, positionals, values.save, measure);
const peers = [...new Set(done.flatMap((each) => each.peers))].join(', ');
const body = `Ratios are medians of ${values.turns} turns with their quarters; ${threads} threads. ${done[0].native}; steps are captured, in float32. Beside: ${peers}; PyTorch in channels_last with a malloc that keeps its memory, the others in float32 but where it says bf16. Memory is the peak of a process that does nothing else, with its runtime.\n\n${table(done.map(({ row }) => row))}`;
console.log(body);
if (values.keep) keep('peer-native', 'The native engine beside PyTorch and JAX', body, 'node tools/bench/peer.mjs');
