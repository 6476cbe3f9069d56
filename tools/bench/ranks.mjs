// A SAM step of a WideResNet on two ranks with one thread each, beside one process with two threads and one with one, in
// one run; what of it is the all-reduce, and what packing costs.
//   npm run build && node tools/bench/ranks.mjs [--rounds 3] [--keep] [depth-width-batch]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep, median, table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, keep: { type: 'boolean', default: false } },
});
const [name = '16-4-128'] = positionals;
const script = [fileURLToPath(new URL('ranks-step.mjs', import.meta.url)), name];
const mpirun = ['mpirun.openmpi', '--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '-n', '2'];
const works = {
  'one process, one thread': { threads: '1', command: [] },
  'one process, two threads': { threads: '2', command: [] },
  'two ranks, one thread each': { threads: '1', command: mpirun },
};

const told = Object.fromEntries(Object.keys(works).map((work) => [work, []]));
for (let round = 0; round < Number(values.rounds); round++)
  for (const [work, { threads, command }] of Object.entries(works)) {
    const [first, ...words] = [...command, process.execPath, ...script];
    const out = execFileSync(first, words, { env: { ...process.env, STEPPE_THREADS: threads }, encoding: 'utf8' });
    told[work].push(JSON.parse(out.trim().split('\n').at(-1)));
  }
const of = (work, field) => median(told[work].map((each) => each[field]));
const alone = of('one process, one thread', 'step');
const rows = Object.keys(works).map((work) => {
  const fields = ['step', 'eager', 'sent', 'packed', 'unpacked', 'met', 'around'];
  const [step, eager, sent, packed, unpacked, met, around] = fields.map((field) => of(work, field));
  const isMany = works[work].command.length > 0;
  const ofMany = (text) => (isMany ? text : '');
  return {
    work,
    'SAM step, captured (ms)': step.toFixed(1),
    'kernel by kernel': eager.toFixed(1),
    'captured / kernel by kernel': (step / eager).toFixed(2),
    'against one thread': `${(alone / step).toFixed(2)} x`,
    'all-reduce (ms)': ofMany(sent.toFixed(1)),
    'of the step': ofMany(`${((100 * sent) / step).toFixed(1)} %`),
    'packing (ms)': packed.toFixed(2),
    'unpacking (ms)': unpacked.toFixed(2),
    'a small message (µs)': ofMany((1000 * met).toFixed(0)),
    'the whole link (ms)': ofMany(around.toFixed(1)),
  };
});
console.log(table(rows));
if (values.keep)
  keep(
    name === '16-4-128' ? 'ranks' : `ranks-${name}`,
    name === '16-4-128' ? 'Two ranks beside two threads' : `Two ranks beside two threads: WRN-${name}`,
    `WRN-${name.replace(/-(\d+)$/, ' with a batch of $1')}, 28 × 28 × 1 images, OpenMPI on one machine. Medians of ${values.rounds} rounds in turn, each of the median of 5 warm steps. Steps are captured; kernel by kernel stands beside. The all-reduce is of the gradient alone, without what a rank waits for the other.\n\n${table(rows)}`,
    'node tools/bench/ranks.mjs',
  );
