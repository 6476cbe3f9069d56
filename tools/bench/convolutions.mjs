// Convolutions of networks on native, layer by layer: GFLOP/s forward and of both gradients, and the part of what
// multiply-adds in registers reach on as many threads. By bench/conv_bench.c, compiled for the processor at hand.
//   npm run build && node tools/bench/convolutions.mjs [--threads 2] [--repeats 8] [--beside FOLDER] [--keep]
//     [network ...]
// --beside FOLDER compiles the sources of another checkout, too, and measures both in turns: then a figure has the
// factor beside it by which it is faster than there. The network ResNet-50 stands for its 1x1 convolutions.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commonFlags, kernelFiles, linkFlags, sourceFolder } from '../../packages/native/dist/build/sources.js';
import { keep, table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    repeats: { type: 'string', default: '8' },
    beside: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const batches = { 'WRN-16-4': 128, 'WRN-16-1': 32, 'WRN-28-10': 8, 'ResNet-50': 8 };
const networks = positionals.length > 0 ? positionals : Object.keys(batches);
const flags = [...commonFlags, '-march=native', '-mprefer-vector-width=512'];
const folder = mkdtempSync(join(tmpdir(), 'steppe-convolutions-'));

/** Compiles the sources of a checkout to one shared object. */
function library(name, sources) {
  const path = join(folder, `${name}.so`);
  execFileSync('cc', [...flags, ...kernelFiles(sources), '-o', path, ...linkFlags(process.platform)], {
    cwd: sources,
  });
  return path;
}

/** A figure of one direction of a layer. */
function cell({ work, peak, seconds: [mine, theirs] }, direction) {
  const rate = work / mine[direction] / 1e9;
  const factor = theirs ? `, ${(theirs[direction] / mine[direction]).toFixed(2)} ×` : '';
  return `${rate.toFixed(0)} (${((100 * rate) / peak).toFixed(0)} %${factor})`;
}

try {
  const libraries = [library('here', sourceFolder)];
  if (values.beside) libraries.push(library('beside', resolve(values.beside, 'packages/native/c')));
  const bench = join(folder, 'conv_bench');
  execFileSync('cc', [...flags, 'bench/conv_bench.c', '-ldl', '-o', bench], { cwd: sourceFolder });
  const rows = networks.flatMap((network) => {
    // Short calls are repeated more often.
    const repeats = network === 'WRN-16-1' ? 10 * values.repeats : values.repeats;
    const lines = execFileSync(bench, [values.threads, repeats, 0, network, ...libraries], { encoding: 'utf8' });
    const layers = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return layers.map((layer) => {
      const { count, peak, work, seconds } = layer;
      const lost = seconds[0].reduce((sum, took) => sum + took - work / peak / 1e9, 0);
      return {
        network: `${network} b${batches[network]}`,
        'layers of this kind': `${count} × ${layer.layer}`,
        forward: cell(layer, 0),
        'input gradient': cell(layer, 1),
        'filter gradient': cell(layer, 2),
        'above the peak in a gradient (ms)': (1000 * count * lost).toFixed(1),
      };
    });
  });
  const body = `GFLOP/s of the least time, and the part of what multiply-adds in registers reach on as many threads${values.beside ? ', and how many times as fast as before' : ''}; ${values.threads === '1' ? 'one thread by its processor time' : `${values.threads} threads`}, float32. Winograd's convolutions need fewer multiplications than are counted. The last column is what all layers of a kind take in one gradient beyond their work at the peak; a stem's input gradient is counted, which no training asks for.\n\n${table(rows)}`;
  console.log(body);
  if (values.keep)
    keep(
      'convolutions',
      'Convolutions on native',
      body,
      `node tools/bench/convolutions.mjs --threads ${values.threads}`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
