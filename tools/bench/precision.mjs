// The marks of precision: native in `default` beside PyTorch under bf16 autocast, native in `high` beside its own
// `highest`, and `highest` beside PyTorch in float32; both sides in turns in one run, each warm. Where the processor has no AMX the description says what it has.
// What is timed is captured, as train does it.
//   npm run build && PYTHON=/path/to/python node tools/bench/precision.mjs [--turns 15] [--save FILE] [--keep] [row ...]
// Rows are numbers from 1 on, as listed below; all of them unless named. --save FILE adds the rows of this run to those
// that FILE holds, so that each may run on its own; --keep writes all of them to docs/benchmarks.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { preciseBackend } from '@steppe/kernels';
import { openTorch } from './peer-process.mjs';
import { keep, measureRows, median, table } from './report.mjs';
import { settle, timed } from './settle.mjs';
import { worksOf } from './works.mjs';

const bfloat16 = 'PyTorch bf16';
const float32 = 'PyTorch fp32';
/** Networks as classifier.mjs names them, what is timed, and the mark that must be reached and the one aimed at. */
const marks = [
  ['16-4-128', 'gradient', 'default', bfloat16, 1, 0.75],
  ['16-4-128', 'SAM step', 'default', bfloat16, 1, 0.75],
  ['16-4-128', 'evaluation', 'default', bfloat16, 1.2, 0.9],
  ['16-1-32', 'SAM step', 'default', bfloat16, 1, 0.7],
  ['16-4-128', 'gradient', 'high', 'highest', 0.7, 0.5],
  ['28-10-8-32-3', 'SAM step', 'default', bfloat16, 1.1, 0.8],
  ['16-4-128', 'gradient', 'highest', float32, 0.7, 0.7],
  ['28-10-8-32-3', 'gradient', 'highest', float32, 0.9, 0.9],
  ['16-1-128', 'gradient', 'highest', float32, 0.8, 0.8],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '15' },
    save: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const threads = process.env.STEPPE_THREADS ?? '2';
process.env.STEPPE_THREADS = threads;
const { description } = await useBackend('native');
const { inFloat32 } = preciseBackend();
/** Then such rows compare float32 with the other side, as it is what a user gets here. */
const unrounded = inFloat32.length > 0 ? `, where ${inFloat32.join(' and ')} multiply in float32` : '';

/** Runs ours in a precision so many times in a row: the seconds of each. */
function ours(run, precision, times) {
  preciseBackend().precision = precision;
  return timed(run, times);
}

async function measure([name, work, precision, other, must, aim]) {
  const { network, parameters, captured, free } = worksOf(name);
  const run = captured[work];
  const torch = other === bfloat16 || other === float32 ? await openTorch(threads) : undefined;
  const [depth, width, batch, side = 28, channels = 1] = name.split('-').map(Number);
  if (torch) {
    const theirs = await torch.ask({ work, depth, width, batch, side, channels, autocast: other === bfloat16 });
    if (theirs.parameters !== parameters)
      throw new Error(`${name}: ${parameters} parameters, PyTorch has ${theirs.parameters}.`);
  }
  const sides = {
    mine: (times) => ours(run, precision, times),
    theirs: torch ? async (times) => (await torch.ask({ times })).seconds : (times) => ours(run, other, times),
  };
  const warm = (side) => settle(async () => (await side(1))[0], 12);
  const cold = { mine: await warm(sides.mine), theirs: await warm(sides.theirs) };
  const seconds = { mine: [], theirs: [] };
  // Short steps come in a row of about 0.3 s, of which the first wakes the threads and is dropped; long ones alternate
  // one by one, for the pace of a shared processor changes from second to second.
  const pace = median(await sides.mine(3));
  const dropped = pace > 0.2 ? 0 : 1;
  const times = dropped ? 1 + Math.min(20, Math.ceil(0.3 / pace)) : 1;
  for (let turn = 0; turn < Number(values.turns); turn++) {
    for (const which of turn % 2 ? ['theirs', 'mine'] : ['mine', 'theirs']) {
      // Threads of the other side that wait for work go to sleep meanwhile.
      await sleep(30);
      seconds[which].push(median((await sides[which](times)).slice(dropped)));
    }
  }
  await torch?.close();
  free();
  const ratios = seconds.mine.map((mine, i) => mine / seconds.theirs[i]).sort((a, b) => a - b);
  const ms = (value) => (1000 * value).toFixed(1);
  const ratio = median(ratios);
  const peer = torch?.peer;
  return {
    peer,
    row: {
      work: `${network} b${batch} ${side}² ${work}`,
      'in / beside': `${precision} / ${other}`,
      'warm (ms)': `${ms(median(seconds.mine))} / ${ms(median(seconds.theirs))}`,
      'first (ms)': `${ms(cold.mine)} / ${ms(cold.theirs)}`,
      ratio: ratio.toFixed(2),
      'its quarters': `${ratios[Math.floor(ratios.length / 4)].toFixed(2)} to ${ratios[Math.floor((3 * ratios.length) / 4)].toFixed(2)}`,
      'must, aim': `${must}, ${aim}`,
      reached: ratio <= aim ? 'aim' : ratio <= must ? 'must' : 'no',
    },
  };
}

const done = await measureRows(marks, positionals, values.save, measure);
const peers = [...new Set(done.flatMap(({ peer }) => peer ?? []))].join(', ');
const body = `Medians of ${values.turns} turns; ${threads} threads. ${description}${unrounded}. Beside: ${peers || 'native itself'}; PyTorch with channels_last and a malloc that keeps its memory.\n\n${table(done.map(({ row }) => row))}`;
console.log(body);
if (values.keep) keep('precision', 'Products of bfloat16 on native', body, 'node tools/bench/precision.mjs');
