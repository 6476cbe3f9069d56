// What a checkpoint of WRN-28-10 with momentum costs: how long its writing takes, how long it holds the thread that
// trains, and by how much it delays steps that go on meanwhile.
//   npm run build && node tools/bench/checkpoints.mjs [--rounds 5] [--steps 24] [--folder DIR] [--keep]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { openCheckpoints, saveTree } from '@steppe/train/node';
import { momentum } from '@steppe/transforms';
import { dispose, replace, size } from '@steppe/tree';
import { classifier } from './classifier.mjs';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '24' },
    network: { type: 'string', default: '28-10-1' },
    folder: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
await useBackend('native');
const { params, state, examples, loss } = classifier(values.network);
const count = size(params);
const step = trainStep(loss, momentum(0.01));
let position = step.start(params, state, key(2));
const run = mkdtempSync(join(values.folder, 'steppe-checkpoints-'));
const checkpoints = openCheckpoints(run, {
  warn: (line) => {
    throw new Error(line);
  },
});
// Steps are synchronous on native; between them the loop of `train` lets the others have their turn.
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const train = async (number) => {
  for (let i = 0; i < number; i++) {
    position = replace(position, (from) => step.update(from, examples).position);
    await breathe();
  }
};

/** Milliseconds of some work, and those of them in which this thread was not free. */
async function timed(work) {
  const [begin, before] = [performance.now(), performance.eventLoopUtilization()];
  const result = await work();
  const { active } = performance.eventLoopUtilization(before);
  return { all: performance.now() - begin, held: active, result };
}

const times = { save: [], held: [], tree: [], treeHeld: [], alone: [], along: [], meanwhile: [] };
try {
  await train(2);
  let bytes = 0;
  for (let round = -1; round < rounds; round++) {
    const save = await timed(() => checkpoints.save({ ...position, step: position.step + 1000 * (round + 2) }));
    bytes = statSync(save.result).size;
    const tree = await timed(() => saveTree(join(run, 'tree.safetensors'), position));
    const alone = await timed(() => train(steps));
    const begin = performance.now();
    const saving = checkpoints
      .save({ ...position, step: position.step + 1000 * (round + 2) + 500 })
      .then(() => performance.now() - begin);
    const along = await timed(() => train(steps));
    const meanwhile = await saving;
    if (meanwhile > along.all)
      console.error(`round ${round}: the save outlasted the ${steps} steps: give more --steps.`);
    if (round < 0) continue; // the first round warms up
    for (const [name, ms] of Object.entries({
      save: save.all,
      held: save.held,
      tree: tree.all,
      treeHeld: tree.held,
      alone: alone.all,
      along: along.all,
      meanwhile,
    }))
      times[name].push(ms);
    console.error(
      `round ${round}: save ${save.all.toFixed(0)} held ${save.held.toFixed(1)}; saveTree ${tree.all.toFixed(0)} held ${tree.held.toFixed(0)}; steps ${alone.all.toFixed(0)} with a save ${along.all.toFixed(0)}, which took ${meanwhile.toFixed(0)} ms`,
    );
  }
  const of = (name) => median(times[name]);
  const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
  // Each pair ran one after the other: the difference of a pair is what the save cost, and the noise.
  const delays = times.along.map((ms, i) => ms - times.alone[i]).sort((a, b) => a - b);
  const delay = median(delays);
  const spread = `${delays[0].toFixed(0)} to ${delays.at(-1).toFixed(0)}`;
  const rows = [
    {
      of: 'openCheckpoints, thread otherwise idle',
      'write time (ms)': of('save').toFixed(0),
      'delay of the thread (ms)': of('held').toFixed(1),
      share: percent(of('held'), of('save')),
    },
    {
      of: `openCheckpoints, along ${steps} steps of ${(of('alone') / steps).toFixed(0)} ms`,
      'write time (ms)': of('meanwhile').toFixed(0),
      'delay of the thread (ms)': `${delay.toFixed(0)} (${spread})`,
      share: delays[0] > 0 ? percent(delay, of('meanwhile')) : 'lost in the noise',
    },
    {
      of: 'saveTree, thread otherwise idle',
      'write time (ms)': of('tree').toFixed(0),
      'delay of the thread (ms)': of('treeHeld').toFixed(1),
      share: percent(of('treeHeld'), of('tree')),
    },
  ];
  const text = `${(count / 1e6).toFixed(1)} M parameters with momentum, ${(bytes / 1e6).toFixed(0)} MB a file; medians of ${rounds} rounds. The write time ends when file and folder are synced.\n\n${table(rows)}`;
  console.log(text);
  if (values.keep)
    keep('checkpoints-native', 'A checkpoint while training goes on', text, `node tools/bench/checkpoints.mjs`);
} finally {
  await checkpoints.close();
  dispose(position);
  rmSync(run, { recursive: true, force: true });
}
