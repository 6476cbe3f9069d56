// Decoding, cropping and normalizing images beside torchvision, with as many workers, epoch by epoch in turn, by the wall's
// clock and by the time of processors, which other work on the machine disturbs less; and how long a training step on
// native waits for its batch.
//   npm run build && node tools/bench/images.mjs [--python python3] [--workers 2] [--images 512] [--turns 5] [--keep]
// The peer needs torchvision: pip install torchvision.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePictures } from './images/pictures.mjs';
import { waiting } from './images/waiting.mjs';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    workers: { type: 'string', default: '2' },
    images: { type: 'string', default: '512' },
    turns: { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
  },
});
const batch = '64';
const here = (name) => fileURLToPath(new URL(`images/${name}`, import.meta.url));

/** A process that goes over the folder once for each line and answers with its figures. */
function loader(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    epoch: async () => {
      child.stdin.write('go\n');
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ${args.join(' ')} ended.`);
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'steppe-bench-images-'));
try {
  const bytes = await makePictures(folder, Number(values.images));
  const args = [folder, values.workers, batch];
  const us = loader(process.execPath, [here('loader.mjs'), ...args]);
  const peer = loader(values.python, [here('torchvision_loader.py'), ...args]);
  // The first epoch starts threads and processes.
  await us.epoch();
  const { peer: name } = await peer.epoch();
  const rates = { us: [], peer: [] };
  const costs = { us: [], peer: [] };
  for (let turn = 0; turn < Number(values.turns); turn += 1)
    for (const [who, { epoch }] of [
      ['us', us],
      ['peer', peer],
    ]) {
      const { seconds, cpu, count } = await epoch();
      rates[who].push(count / seconds);
      costs[who].push((1000 * cpu) / count);
    }
  us.end();
  peer.end();
  const [mine, theirs] = [median(rates.us), median(rates.peer)];
  const [cost, itsCost] = [median(costs.us), median(costs.peer)];
  const range = (list) => `${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)}`;
  const rows = [
    {
      workers: values.workers,
      'images/s': mine.toFixed(0),
      'of all turns': range(rates.us),
      'torchvision images/s': theirs.toFixed(0),
      'its turns': range(rates.peer),
      'time, ours / torchvision': (theirs / mine).toFixed(2),
      'CPU ms per image': cost.toFixed(2),
      'its CPU': itsCost.toFixed(2),
      'CPU, ours / torchvision': (cost / itsCost).toFixed(2),
    },
  ];
  console.log(table(rows));
  const waits = await waiting(folder, Number(values.workers));
  console.log(table(waits));
  if (values.keep)
    keep(
      'images',
      'Images in files',
      `Medians of ${values.turns} epochs each, in turn, over ${values.images} JPEGs of 500 x 375 (${Math.round(bytes / Number(values.images) / 1000)} kB each) in batches of ${batch}: decoded, a random resized crop of 224, a mirror, normalized; ${name}.\n\n${table(rows)}\n\nTraining steps on native with batches of the same folder, decoded by the workers meanwhile; the wait is the time from asking for a batch to having it.\n\n${table(waits)}`,
      'node tools/bench/images.mjs',
    );
} finally {
  await rm(folder, { recursive: true, force: true });
}
