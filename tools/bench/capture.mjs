// The marks of captured steps: replays beside the eager step of the same commit and beside PyTorch, both sides in turns
// in one run, each warm; and the first ten steps of a new process beside warm ones.
//   npm run build && PYTHON=/path/to/python node tools/bench/capture.mjs [--turns 15] [--save FILE] [--keep] [row ...]
// Rows are numbers from 1 on, as listed below; all of them unless named. --save FILE adds the rows of this run to those
// that FILE holds, so that each may run on its own; --keep writes all of them to docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { openTorch } from './peer-process.mjs';
import { keep, measureRows, median, table } from './report.mjs';
import { settle, timed } from './settle.mjs';

const [gradient, sam] = ['gradient', 'SAM step'];
/** A network as classifier.mjs names it, what is timed, beside what, and the mark of the ratio, where there is one. */
const rows = [
  ['16-1-32', sam, 'all of it, outside of C', 0.03],
  ['16-1-32', sam, 'warm, of the first 10', 1.3],
  ['16-1-32', sam, 'PyTorch eager', 0.6],
  ['16-1-32', sam, 'torch.compile', 0.75],
  ['16-1-8', gradient, 'PyTorch eager', 0.6],
  ['16-1-8', sam, 'two gradients', 1.02],
  ['16-1-32', sam, 'two gradients', 1.02],
  ['16-4-32', sam, 'two gradients', 1.02],
  ['16-1-8', sam, 'eager'],
  ['16-1-32', sam, 'eager'],
  ['16-1-128', sam, 'eager'],
  ['16-4-32', sam, 'eager'],
  ['16-1-32', sam, 'unfused'],
  ['16-1-128', gradient, 'unfused'],
  ['16-4-32', sam, 'unfused'],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '15' },
    save: { type: 'string' },
    keep: { type: 'boolean', default: false },
    // A process of its own, which is cold: prints the seconds of its steps.
    cold: { type: 'string' },
  },
});
const threads = process.env.STEPPE_THREADS ?? '2';
process.env.STEPPE_THREADS = threads;

/** The seconds that `steppe_replay` has taken: koffi's function is watched, before the library is loaded. */
let inC = 0;
const koffi = createRequire(import.meta.resolve('@steppe/native'))('koffi');
const { load } = koffi;
koffi.load = (...at) => {
  const handle = load(...at);
  const func = (name, ...signature) => {
    const run = handle.func(name, ...signature);
    if (name !== 'steppe_replay') return run;
    return (...args) => {
      const begin = performance.now();
      const status = run(...args);
      inC += (performance.now() - begin) / 1000;
      return status;
    };
  };
  return { func };
};
const { description } = await useBackend('native');
const { worksOf } = await import('./works.mjs');

/** Warms a side up. */
const warm = (side) => settle(async () => (await side(1))[0], 12);

if (values.cold) {
  const [name, kind] = values.cold.split(' ');
  const { [kind]: works } = worksOf(name);
  console.log(JSON.stringify(await timed(works[sam], 10 + 300)));
  process.exit();
}

/** Times two sides in turns: the median seconds of each in each turn. */
async function alternate(mine, theirs) {
  await warm(mine);
  await warm(theirs);
  await warm(mine);
  // Short steps come in a row of about 0.3 s, of which the first wakes the threads and is dropped.
  const times = 1 + Math.min(60, Math.ceil(0.3 / median(await mine(3))));
  const seconds = [[], []];
  for (let turn = 0; turn < Number(values.turns); turn++) {
    for (const which of turn % 2 ? [1, 0] : [0, 1]) {
      await sleep(30);
      seconds[which].push(median((await [mine, theirs][which](times)).slice(1)));
    }
  }
  return seconds;
}

const of = (run) => (times) => timed(run, times);

/** Both sides of a row, by turns. */
async function sides([name, work, beside]) {
  if (beside === 'warm, of the first 10') {
    const script = fileURLToPath(import.meta.url);
    const runs = Array.from({ length: 5 }, () =>
      JSON.parse(execFileSync(process.execPath, [script, '--cold', `${name} captured`], { encoding: 'utf8' })),
    );
    const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
    return [runs.map((each) => mean(each.slice(0, 10))), runs.map((each) => median(each.slice(-100)))];
  }
  const { captured, eager, unfused, free } = worksOf(name);
  const mine = of(captured[work]);
  try {
    if (beside === 'all of it, outside of C') {
      await warm(mine);
      const turns = [[], []];
      for (let turn = 0; turn < Number(values.turns); turn++) {
        const before = inC;
        const all = (await mine(10)).reduce((sum, each) => sum + each, 0);
        turns[0].push((all - (inC - before)) / 10);
        turns[1].push(all / 10);
      }
      return turns;
    }
    if (beside === 'eager') return await alternate(mine, of(eager[work]));
    if (beside === 'unfused') return await alternate(mine, of(unfused[work]));
    if (beside === 'two gradients') {
      const [steps, gradients] = await alternate(mine, of(captured.gradient));
      return [steps, gradients.map((each) => 2 * each)];
    }
    const [depth, width, batch, side = 28, channels = 1] = name.split('-').map(Number);
    const torch = await openTorch(threads);
    await torch.ask({
      work,
      depth,
      width,
      batch,
      side,
      channels,
      autocast: false,
      compile: beside !== 'PyTorch eager',
    });
    const turns = await alternate(mine, async (times) => (await torch.ask({ times })).seconds);
    await torch.close();
    return [...turns, torch.peer];
  } finally {
    free();
  }
}

async function measure(row) {
  const [name, work, beside, mark] = row;
  const [mine, theirs, peer] = await sides(row);
  const ratios = mine.map((each, i) => each / theirs[i]).sort((a, b) => a - b);
  const ms = (seconds) => (1000 * median(seconds)).toFixed(2);
  const quarter = (share) => ratios[Math.floor(share * (ratios.length - 1))].toFixed(3);
  const ratio = median(ratios);
  return {
    peer,
    row: {
      work: `WRN-${name.replace(/-(\d+)$/, ' b$1')} ${work}, captured`,
      beside,
      'ms / ms': `${ms(mine)} / ${ms(theirs)}`,
      ratio: ratio.toFixed(3),
      'its quarters': `${quarter(0.25)} to ${quarter(0.75)}`,
      mark: mark ?? '',
      reached: mark === undefined ? '' : ratio <= mark ? 'yes' : 'no',
    },
  };
}

const done = await measureRows(rows, positionals, values.save, measure);
const peers = [...new Set(done.flatMap(({ peer }) => peer ?? []))].join(', ');
const body = `Medians of ${values.turns} turns (of 5 processes for the first 10 steps); ${threads} threads. ${description}. 28 × 28 × 1 images. Beside: ${peers || 'native itself'}; PyTorch in float32 with channels_last and a malloc that keeps its memory.\n\n${table(done.map(({ row }) => row))}`;
console.log(body);
if (values.keep) keep('capture', 'Captured steps on native', body, 'node tools/bench/capture.mjs');
