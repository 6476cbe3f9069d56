// Processor time of a gradient of ViT-Ti/16 on one thread: with the kernels that normalize layers and differentiate
// softmax in one pass, with those parts composed of basic operations, and of PyTorch; in turns in one run, so that all
// three see the same machine.
//   npm run build && PYTHON=/path/to/python node tools/bench/fused.mjs [--rounds 9] [--keep]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { LayerNorm, Softmax } from '@steppe/kernels';
import { softmaxCrossEntropy, visionTransformer } from '@steppe/models';
import { key, normal } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, keep: { type: 'boolean', default: false } },
});
process.env.STEPPE_THREADS = '1';
const [batch, side, classes] = [8, 224, 10];

const peer = spawn(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'peer_networks.py'), '1'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await answers.next()).value);
const ask = (question) => {
  peer.stdin.write(`${JSON.stringify(question)}\n`);
  return answer();
};

const { description } = await useBackend('native');
const { peer: version } = await answer();
const model = visionTransformer({ variant: 'tiny', classes });
const { params, state } = model.init(key(0), [side, side, 3]);
const images = normal(key(1), [batch, side, side, 3]);
const labels = tf.tensor1d(
  Array.from({ length: batch }, (_, i) => i % classes),
  'int32',
);
const gradient = valueAndGrad((w, x) => softmaxCrossEntropy(model.apply(w, state, x, { training: true })[0], labels));
await ask({ do: 'open', network: 'ViT-Ti/16', batch, side });

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const fused = [LayerNorm, Softmax].map((name) => tf.getKernel(name, 'native'));

async function ours(composed) {
  if (composed) for (const { kernelName } of fused) tf.unregisterKernel(kernelName, 'native');
  // Threads of the other one that wait for work go to sleep meanwhile.
  await sleep(30);
  const begin = seconds();
  const evaluation = gradient(params, images);
  const spent = seconds() - begin;
  dispose(evaluation);
  if (composed) for (const kernel of fused) tf.registerKernel(kernel);
  return spent;
}

const times = { fused: [], composed: [], torch: [] };
for (let round = -1; round < Number(values.rounds); round++) {
  const turn = {
    fused: await ours(false),
    torch: (await ask({ do: 'gradient' })).seconds,
    composed: await ours(true),
  };
  if (round >= 0) for (const [what, spent] of Object.entries(turn)) times[what].push(spent);
}
peer.stdin.end();
await once(peer, 'exit');

const least = (all) => ((1000 * Math.min(...all)) / batch).toFixed(1);
const ratio = (all) => median(all.map((spent, i) => spent / times.torch[i])).toFixed(2);
const rows = [
  ['one pass', times.fused],
  ['basic operations', times.composed],
  ['PyTorch', times.torch],
].map(([what, all]) => ({
  'gradient by': what,
  'ms per image (least)': least(all),
  'of PyTorch (median)': ratio(all),
}));
console.log(table(rows));
if (values.keep)
  keep(
    'transformer-gradient',
    'A gradient of ViT-Ti/16 on native, on one thread',
    `Processor time of ${values.rounds} turns, 224 × 224 images, batch ${batch}; layer normalization and the gradient of softmax by their own kernels, or composed. Ratios are medians over turns, on a machine that other work kept busy. ${description}; ${version}.\n\n${table(rows)}`,
    'node tools/bench/fused.mjs',
  );
