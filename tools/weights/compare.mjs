// Our networks beside PyTorch's on the same weights, and the way back: a file that PyTorch wrote with random weights and
// running statistics gives PyTorch's logits here; the file that we write from them loads there strictly and gives them
// again.
//   npm run build && PYTHON=/path/to/python node tools/weights/compare.mjs [--backend native] [name ...]
// PYTHON has torch, torchvision, timm and safetensors.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { exportSafetensors, loadSafetensors } from '@steppe/models';
import { key } from '@steppe/random';
import { dispose, readSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { networks } from './networks.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: 'string', default: 'native' } },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(networks);
const unknown = wanted.find((name) => !(name in networks));
if (unknown !== undefined) throw new Error(`There is no network ${unknown}: ${Object.keys(networks).join(', ')}.`);

const folder = mkdtempSync(join(tmpdir(), 'steppe-weights-'));
const file = (name, kind) => join(folder, `${name}${kind}.safetensors`);
/** Once for all networks, since to start PyTorch takes longer than most of them. */
const python = (mode) =>
  execFileSync(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'networks.py'), mode, folder, ...wanted], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
const read = async (path) => (await readSafetensors(readFileSync(path))).tensors;

/** The largest difference, as a share of the largest logit. */
const apart = (a, b) => tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).arraySync());

/** Loads what PyTorch wrote, and writes it again. */
async function here(name) {
  const { model, names } = networks[name];
  const { images, logits: expected } = await read(file(name, '.case'));
  const fresh = model.init(key(0), images.shape.slice(1));
  const loaded = await loadSafetensors(readFileSync(file(name, '')), names, fresh);
  const [logits, state] = model.apply(loaded.params, loaded.state, images, { training: false });
  const difference = apart(logits, expected);
  writeFileSync(file(name, '.exported'), await exportSafetensors(names, loaded));
  dispose(fresh, loaded, state, images, logits, expected);
  return difference;
}

/** The logits of PyTorch for what we wrote, beside those for what it wrote. */
async function there(name) {
  const [{ images, logits }, again] = [await read(file(name, '.case')), await read(file(name, '.again'))];
  const difference = apart(again.logits, logits);
  dispose(images, logits, again);
  return difference;
}

await useBackend(values.backend);
try {
  python('write');
  const ours = [];
  for (const name of wanted) ours.push(await here(name));
  python('read');
  const rows = [];
  for (const [i, network] of wanted.entries())
    rows.push({ network, 'logits here': ours[i], 'logits there, from our file': await there(network) });
  console.table(rows);
  const bad = rows.filter((row) => !(row['logits here'] <= 1e-4 && row['logits there, from our file'] <= 1e-6));
  if (bad.length > 0) throw new Error(`Logits differ: ${bad.map(({ network }) => network).join(', ')}.`);
} finally {
  rmSync(folder, { recursive: true });
}
