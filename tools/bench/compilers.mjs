// Speed of the same kernels in several shared objects, alternated in one run: what gcc, clang and zig make of one
// source.
//   npm run build && node tools/bench/compilers.mjs [--rounds 15] [--threads 1] NAME=PATH.so ...
// The paths: packages/native/.cache, or where tools/native/prebuild.mjs wrote. Prints GFLOP/s, or GB/s where memory is
// what counts, of the least time, and how far the results are apart.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addressOf, loadKoffi, loadLibrary } from '../../packages/native/dist/library.js';
import { table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '15' }, threads: { type: 'string', default: '1' } },
});
const koffi = loadKoffi();
const libraries = positionals.map((item) => {
  const [name, path = ''] = item.split('=');
  const library = loadLibrary(koffi, resolve(path));
  library.steppe_set_threads(Number(values.threads));
  return { name, library };
});

/** Floats in [-1, 1) at an address of whole cache lines. */
function floats(count) {
  const buffer = new ArrayBuffer(count * 4 + 64);
  const skip = (64 - (addressOf(koffi, new Uint8Array(buffer)) % 64)) % 64;
  const array = new Float32Array(buffer, skip, count);
  for (let i = 0; i < count; i++) array[i] = ((i * 48271) % 2001) / 1000 - 1;
  return { array, address: addressOf(koffi, new Uint8Array(buffer)) + skip };
}

function convolution(side, c, o, stride, k = 3, n = 32) {
  const out = side / stride;
  const fields = Int32Array.of(n, side, side, c, k, k, o, out, out, stride, stride, 1, 1, (k - 1) >> 1, (k - 1) >> 1);
  const p = addressOf(koffi, fields);
  const [x, w, y] = [n * side * side * c, k * k * c * o, n * out * out * o].map(floats);
  const scratch = floats(
    Math.max(...libraries.flatMap(({ library }) => [0, 1, 2].map((which) => library.steppe_conv2d_scratch(p, which)))) /
      4,
  );
  const work = 2 * y.array.length * k * k * c;
  const name = `${c} → ${o}, ${side}²${stride > 1 ? ` / ${stride}` : ''}`;
  const runs = [
    ['convolution', y, (l, to) => l.steppe_conv2d(x.address, w.address, to, p, 0, scratch.address)],
    ['its dx', x, (l, to) => l.steppe_conv2d_input_grad(y.address, w.address, to, p, scratch.address)],
    ['its dw', w, (l, to) => l.steppe_conv2d_filter_grad(x.address, y.address, to, p, 0, scratch.address)],
  ];
  return runs.map(([what, like, run]) => ({
    name: `${what} ${name}`,
    work,
    unit: 'GFLOP/s',
    out: floats(like.array.length),
    run,
    keep: [fields],
  }));
}

function product(m, n, k, transposeA = 0, transposeB = 0) {
  const [a, b] = [floats(m * k), floats(k * n)];
  const layout = [1, m, n, k, transposeA, transposeB, m * k, k * n];
  const scratch = floats(Math.max(...libraries.map(({ library }) => library.steppe_matmul_scratch(...layout))) / 4);
  const run = (l, to) => l.steppe_matmul(a.address, b.address, to, ...layout, scratch.address);
  const name = `product ${m} × ${k} × ${n}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`;
  return [{ name, work: 2 * m * n * k, unit: 'GFLOP/s', out: floats(m * n), run, keep: [] }];
}

/** Kernels that read and write `streams` times as many floats as x has; small enough for the second cache. */
function passes(rows, channels) {
  const n = rows * channels;
  const [x, y, terms] = [floats(n), floats(n), floats(6 * channels)];
  const [scale, offset, mean, variance, ds, dv] = [0, 1, 2, 3, 4, 5].map((i) => terms.address + 4 * i * channels);
  const dense = Int32Array.of(n, 1, 1);
  const layout = addressOf(koffi, dense);
  const unary = (op) => (l, to) => l.steppe_unary(op, 0, x.address, to, n, 0.5, 0.7);
  const runs = [
    ['exp', 2, unary(13)],
    ['tanh', 2, unary(35)],
    ['relu', 2, unary(21)],
    ['add', 3, (l, to) => l.steppe_binary(0, 0, x.address, y.address, to, 1, layout)],
    ['softmax', 2, (l, to) => l.steppe_softmax(x.address, to, rows, channels)],
    [
      'batch norm',
      3,
      (l, to) => l.steppe_norm_train(x.address, scale, offset, to, mean, variance, rows, channels, 1e-5, 1),
    ],
    [
      'its gradients',
      5,
      (l, to) =>
        l.steppe_norm_train_grad(
          x.address,
          y.address,
          mean,
          variance,
          scale,
          offset,
          to,
          ds,
          dv,
          rows,
          channels,
          1e-5,
          1,
        ),
    ],
    ['sum of columns', 1, (l, to) => l.steppe_reduce(0, 0, x.address, to, 1, rows, channels)],
    ['sum of all', 1, (l, to) => l.steppe_reduce(0, 0, x.address, to, 1, n, 1)],
  ];
  return runs.map(([what, streams, run]) => ({
    name: `${what} ${rows} × ${channels}`,
    work: 4 * n * streams,
    unit: 'GB/s',
    out: floats(n),
    run,
    keep: [dense, x, y, terms],
  }));
}

function measure({ name, work, unit, out, run }) {
  const least = libraries.map(() => Number.POSITIVE_INFINITY);
  const results = libraries.map(({ library }) => {
    out.array.fill(0);
    run(library, out.address);
    return out.array.slice();
  });
  const repeats = work < 2e6 ? 5 : 1; // short runs need more of them
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, { library }] of libraries.entries())
      for (let repeat = 0; repeat < repeats; repeat++) {
        const begin = performance.now();
        run(library, out.address);
        least[i] = Math.min(least[i], (performance.now() - begin) / 1000);
      }
  const [first] = results;
  let [top, apart] = [0, 0];
  for (const [i, value] of first.entries()) {
    top = Math.max(top, Math.abs(value));
    for (const other of results) apart = Math.max(apart, Math.abs(other[i] - value));
  }
  const speeds = libraries.map(({ name }, i) => [name, (work / least[i] / 1e9).toFixed(1)]);
  return { kernel: name, unit, ...Object.fromEntries(speeds), apart: (apart / (top || 1)).toExponential(1) };
}

const works = [
  ...[
    [28, 16, 64, 1],
    [28, 64, 64, 1],
    [28, 64, 128, 2],
    [14, 128, 128, 1],
    [14, 128, 256, 2],
    [7, 256, 256, 1],
    [28, 16, 16, 1],
    [7, 64, 64, 1],
  ].flatMap((l) => convolution(...l)),
  ...[
    [512, 512, 512],
    [512, 512, 512, 1, 0],
    [512, 512, 512, 0, 1],
    [128, 10, 256],
    [197, 197, 64, 0, 1],
  ].flatMap((l) => product(...l)),
  ...passes(2048, 64),
];
console.log(table(works.map(measure)));
