// Makes packages/models/test/fixtures/published-logits.json: the logits that PyTorch's tiny networks give with the weights
// and images of a formula, which the test computes itself.
//   PYTHON=/path/to/python node tools/weights/fixture.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';

const source = readFileSync(join(import.meta.dirname, 'networks.py'), 'utf8');
const names = [...source.matchAll(/^ {4}"(tiny-[^"]+)":/gm)].map(([, name]) => name);

await tf.setBackend('cpu');
const folder = mkdtempSync(join(tmpdir(), 'steppe-weights-'));
try {
  const script = join(import.meta.dirname, 'networks.py');
  execFileSync(process.env.PYTHON ?? 'python3', [script, 'formula', folder, ...names], { stdio: 'inherit' });
  const cases = {};
  for (const name of names) {
    const { tensors } = await readSafetensors(readFileSync(join(folder, `${name}.case.safetensors`)));
    cases[name] = { images: tensors.images.shape, logits: tensors.logits.arraySync() };
  }
  const target = new URL('../../packages/models/test/fixtures/published-logits.json', import.meta.url);
  writeFileSync(target, `${JSON.stringify(cases, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
