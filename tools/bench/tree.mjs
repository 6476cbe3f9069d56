// What SAM does over the tree of parameters of WRN-16-4, in whole-tree calls, beside what the memory's bandwidth
// allows.
//   npm run build && node tools/bench/tree.mjs [--rounds 200] [--keep]
// Restoring w costs nothing: parameters are values, so w is still there. A C compiler measures the bandwidth.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { wideResNet } from '@steppe/models';
import { nativeInfo, treeAddScaled, treeMomentum } from '@steppe/native';
import { key, normal } from '@steppe/random';
import { leaves, normalized, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, keep: { type: 'boolean', default: false } },
});
await useBackend('native');
const { threads } = await nativeInfo();
const { params } = wideResNet({ depth: 16, width: 4, classes: 10 }).init(key(0), [28, 28, 1]);
const count = size(params);
const w = leaves(params).map(({ leaf }) => leaf);
const random = (seed) => w.map((leaf, i) => normal(key(seed + i), leaf.shape));
const [g, v] = [random(100), random(200)];

const folder = mkdtempSync(join(tmpdir(), 'steppe-triad-'));
const triad = join(folder, 'triad');
const source = fileURLToPath(new URL('triad.c', import.meta.url));
execFileSync('cc', ['-O3', '-march=native', source, '-lpthread', '-o', triad]);
/** Milliseconds of moving 12 bytes per parameter. */
const bandwidth = () => Number(execFileSync(triad, [String(count), String(threads)], { encoding: 'utf8' }));

const one = tf.scalar(1);
const numbers = { rate: tf.scalar(0.1), momentum: tf.scalar(0.9), decay: tf.scalar(5e-4) };
const parts = {
  // reads g twice and writes ê
  'ê and ‖g‖': { bytes: 12, run: () => normalized(g, 0.05) },
  // reads w and g, writes w + ê
  'ascent w + c·g': { bytes: 12, run: () => treeAddScaled(w, one, g) },
  // reads w, g and v, writes w and v
  'momentum, decay, step': { bytes: 20, run: () => treeMomentum(w, g, v, numbers) },
};

const before = bandwidth();
const times = Object.fromEntries(Object.keys(parts).map((name) => [name, []]));
for (let round = -20; round < Number(values.rounds); round++)
  for (const [name, { run }] of Object.entries(parts)) {
    const begin = performance.now();
    tf.tidy(() => void run());
    if (round >= 0) times[name].push(performance.now() - begin);
  }
const perByte = Math.min(before, bandwidth()) / 12;
rmSync(folder, { recursive: true });

const row = (part, bytes, milliseconds) => ({
  part,
  'bytes per parameter': bytes,
  'ms (median)': milliseconds.toFixed(2),
  'ms that the bandwidth allows': (bytes * perByte).toFixed(2),
  ratio: (milliseconds / (bytes * perByte)).toFixed(2),
});
const rows = Object.entries(parts).map(([name, { bytes }]) => row(name, bytes, median(times[name])));
const total = (of) => Object.entries(parts).reduce((sum, entry) => sum + of(entry), 0);
rows.push(
  row(
    'together',
    total(([, { bytes }]) => bytes),
    total(([name]) => median(times[name])),
  ),
);
const text = `${(count / 1e6).toFixed(2)} M parameters in ${w.length} leaves, ${threads} threads; the bandwidth is that of c = a + k·b in C, ${(count / perByte / 1e6).toFixed(0)} GB/s.\n\n${table(rows)}`;
console.log(text);
if (values.keep) keep('tree-native', 'Whole trees of parameters on native', text, 'node tools/bench/tree.mjs');
