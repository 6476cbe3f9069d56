// Milliseconds per image of a forward pass and of a step of SAM, ours on native beside PyTorch's with 2 threads: in turns,
// one pass each, so that both see the same machine. With --cpu-time, milliseconds of processor time on one thread each,
// which other work on the machine changes little.
//   npm run build && PYTHON=/path/to/python node tools/bench/networks.mjs [--rounds 5] [--cpu-time] [--keep] [name ...]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import {
  cifarResNet,
  efficientNet,
  pyramidNet,
  resNet,
  shakeShake,
  softmaxCrossEntropy,
  visionTransformer,
} from '@steppe/models';
import { key, normal } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { addDecayedWeights, chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { keep, median, table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    'cpu-time': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const [threads, cpuTime] = values['cpu-time'] ? ['1', true] : ['2', false];
process.env.STEPPE_THREADS = threads;

const classes = 10;
const networks = {
  'cifarResNet-32': [cifarResNet({ depth: 32, classes }), 32, 32],
  'Shake-Shake 26 2x32d': [shakeShake({ depth: 26, width: 32, classes }), 32, 16],
  'PyramidNet-110 a48': [pyramidNet({ depth: 110, alpha: 48, classes }), 32, 16],
  'ResNet-18 at 64': [resNet({ depth: 18, classes }), 64, 16],
  'ResNet-50 at 64': [resNet({ depth: 50, classes }), 64, 16],
  'ResNet-18 at 224': [resNet({ depth: 18, classes }), 224, 4],
  'ResNet-50 at 224': [resNet({ depth: 50, classes }), 224, 4],
  'EfficientNet-B0 at 224': [efficientNet({ variant: 'b0', classes, like: 'timm' }), 224, 8],
  'ViT-Ti/16 at 224': [visionTransformer({ variant: 'tiny', classes }), 224, 8],
};

const peer = spawn(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'peer_networks.py'), threads], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await answers.next()).value);
const ask = (question) => {
  peer.stdin.write(`${JSON.stringify(question)}\n`);
  return answer();
};

/** Seconds, of the clock or of the processor. */
function now() {
  const { user, system } = process.cpuUsage();
  return cpuTime ? (user + system) / 1e6 : performance.now() / 1000;
}

async function timed(run) {
  // Threads of the other one that wait for work go to sleep meanwhile.
  await sleep(30);
  const begin = now();
  const [result, last] = run();
  await last.data();
  const seconds = now() - begin;
  dispose(result);
  return seconds;
}

async function measure(name) {
  const [model, side, batch] = networks[name];
  const { params, state } = model.init(key(0), [side, side, 3]);
  const images = normal(key(1), [batch, side, side, 3]);
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    'int32',
  );
  const examples = { images, labels };
  const loss = (w, s, b, random) => {
    const [logits, next] = model.apply(w, s, b.images, { training: true, key: random });
    return [softmaxCrossEntropy(logits, b.labels), { state: next, metrics: {} }];
  };
  const step = trainStep(loss, chain(samTransform(0.05), addDecayedWeights(5e-4), trace(0.9), scale(-0.1)));
  const position = step.start(params, state, key(2));
  const { parameters } = await ask({ do: 'open', network: name.replace(/ at \d+/, ''), batch, side });
  if (parameters !== size(params)) throw new Error(`${name}: ${size(params)} parameters, PyTorch has ${parameters}.`);
  const times = { forward: [], sam: [], theirForward: [], theirSam: [] };
  for (let round = -1; round < rounds; round++) {
    const forward = await timed(() => {
      const result = model.apply(params, state, images, { training: false });
      return [result, result[0]];
    });
    const theirForward = (await ask({ do: 'forward' })).seconds;
    const sam = await timed(() => {
      const result = step.update(position, examples);
      return [result, result.report.loss];
    });
    const theirSam = (await ask({ do: 'sam' })).seconds;
    if (round < 0) continue; // the first round warms up
    for (const [what, seconds] of Object.entries({ forward, sam, theirForward, theirSam })) times[what].push(seconds);
  }
  dispose(params, state, examples, position);
  const each = (seconds) => (1000 * Math.min(...seconds)) / batch;
  const ratio = (ours, theirs) => median(ours.map((seconds, i) => seconds / theirs[i])).toFixed(2);
  return {
    network: name,
    batch,
    'forward (ms)': each(times.forward).toFixed(2),
    'PyTorch (ms)': each(times.theirForward).toFixed(2),
    ratio: ratio(times.forward, times.theirForward),
    'SAM step (ms)': each(times.sam).toFixed(2),
    'PyTorch SAM (ms)': each(times.theirSam).toFixed(2),
    'SAM ratio': ratio(times.sam, times.theirSam),
  };
}

const wanted = positionals.length > 0 ? positionals : Object.keys(networks);
const { description } = await useBackend('native');
const { peer: version } = await answer();
const rows = [];
for (const name of wanted) {
  rows.push(await measure(name));
  console.log(JSON.stringify(rows.at(-1)));
}
peer.stdin.end();
await once(peer, 'exit');
console.log(table(rows));
if (values.keep) {
  const what = cpuTime ? 'Processor time in milliseconds' : 'Milliseconds';
  keep(
    cpuTime ? 'networks-cpu-time' : 'networks-native',
    cpuTime ? 'The networks on native beside PyTorch, on one thread' : 'The networks on native beside PyTorch',
    `${what} per image, least of ${rounds} passes; the ratios are medians over pairs of passes, in turns. Forward is evaluation. ${description}; ${version}, threads of each: ${threads}, channels_last.\n\n${table(rows)}`,
    `node tools/bench/networks.mjs${cpuTime ? ' --cpu-time' : ''}`,
  );
}
