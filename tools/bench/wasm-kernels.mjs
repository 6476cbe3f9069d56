// Milliseconds of the convolution kernels for WASM on the layers of WideResNets, beside the plain ways to get the same
// from stock tfjs, alternated in one run; and what a whole gradient of WRN-16-1 spends in each kernel.
//   npm run build && node tools/bench/wasm-kernels.mjs [--batch 32] [--rounds 15] [--profile] [--keep]
import { parseArgs } from 'node:util';
import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { classifier } from './classifier.mjs';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '15' },
    profile: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const batch = Number(values.batch);
const rounds = Number(values.rounds);

// The stock kernels, before ours take their place.
const stock = { conv: tf.getKernel('Conv2D', 'wasm'), input: tf.getKernel('Conv2DBackpropInput', 'wasm') };
const { description } = await useBackend('wasm');
const backend = tf.backend();
const run = (kernel, inputs, attrs) => tf.engine().runKernel(kernel, inputs, attrs);
const runStock = ({ kernelFunc }, inputs, attrs) =>
  tf.engine().makeTensorFromTensorInfo(kernelFunc({ inputs, backend, attrs }));

/** The filter's gradient as a convolution of the transposed input with the transposed gradient: the fastest that stock
 * tfjs offers. */
function filterGradientAsConvolution(x, dy, stride, size) {
  const pad = (size - 1) / 2;
  const attrs = {
    strides: 1,
    pad: [
      [0, 0],
      [pad, pad],
      [pad, pad],
      [0, 0],
    ],
    dilations: stride,
    dataFormat: 'NHWC',
  };
  const sums = runStock(
    stock.conv,
    { x: tf.transpose(x, [3, 1, 2, 0]), filter: tf.transpose(dy, [1, 2, 0, 3]) },
    attrs,
  );
  return tf.transpose(tf.slice(sums, [0, 0, 0, 0], [-1, size, size, -1]), [1, 2, 0, 3]);
}

/** [side of the image, channels in, channels out, stride, side of the filter] of the layers that take the time. */
const layers = [
  [28, 1, 16, 1, 3],
  [28, 16, 16, 1, 3],
  [28, 16, 32, 2, 3],
  [14, 32, 32, 1, 3],
  [14, 32, 64, 2, 3],
  [7, 64, 64, 1, 3],
  [28, 64, 64, 1, 3],
  [14, 128, 128, 1, 3],
  [7, 256, 256, 1, 3],
];

function measureLayer([side, inChannels, outChannels, stride, size]) {
  const x = tf.randomNormal([batch, side, side, inChannels]);
  const filter = tf.randomNormal([size, size, inChannels, outChannels]);
  const attrs = { strides: stride, pad: (size - 1) / 2, dilations: 1, dataFormat: 'NHWC' };
  const dy = run('Conv2D', { x, filter }, attrs);
  const ways = {
    forward: () => run('Conv2D', { x, filter }, attrs),
    'stock forward': () => runStock(stock.conv, { x, filter }, attrs),
    dX: () => run('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }),
    'stock dX': () => runStock(stock.input, { dy, filter }, { ...attrs, inputShape: x.shape }),
    dW: () => run('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }),
    'dW as convolution': () => filterGradientAsConvolution(x, dy, stride, size),
  };
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let round = -2; round < rounds; round++)
    for (const [way, compute] of Object.entries(ways)) {
      const begin = performance.now();
      tf.tidy(() => void compute());
      if (round >= 0) times[way].push(performance.now() - begin);
    }
  const flops = 2 * dy.size * inChannels * size * size;
  tf.dispose([x, filter, dy]);
  const cells = Object.entries(times).map(([way, t]) => [`${way} (ms)`, median(t).toFixed(2)]);
  const best = Math.max(...['forward', 'dX', 'dW'].map((way) => flops / Math.min(...times[way]) / 1e6));
  return {
    layer: `${side}² × ${inChannels} → ${outChannels}${stride > 1 ? `, stride ${stride}` : ''}`,
    ...Object.fromEntries(cells),
    'best GFLOP/s': best.toFixed(0),
  };
}

/** Milliseconds and calls of each kernel in a gradient, without the kernels that it runs itself. */
function profileGradient() {
  const { params, state, examples, loss } = classifier(`16-1-${batch}`);
  const gradient = valueAndGrad((w, b) => loss(w, state, b)[0]);
  const step = () => {
    const begin = performance.now();
    const { value, grads } = gradient(params, examples);
    value.dataSync();
    dispose(value, grads);
    return performance.now() - begin;
  };
  for (let i = 0; i < 3; i++) step();
  const plain = Array.from({ length: rounds }, step);
  const spent = new Map();
  const inner = [];
  for (const config of tf.getKernelsForBackend('wasm')) {
    const { kernelName, kernelFunc } = config;
    config.kernelFunc = (args) => {
      inner.push(0);
      const begin = performance.now();
      const result = kernelFunc(args);
      const all = performance.now() - begin;
      const own = all - inner.pop();
      if (inner.length > 0) inner[inner.length - 1] += all;
      const { ms, calls } = spent.get(kernelName) ?? { ms: 0, calls: 0 };
      spent.set(kernelName, { ms: ms + own, calls: calls + 1 });
      return result;
    };
  }
  for (let i = 0; i < rounds; i++) step();
  const rows = [...spent].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 14);
  return `A gradient of WRN-16-1 takes ${median(plain).toFixed(0)} ms (best ${Math.min(...plain).toFixed(0)}):\n\n${table(
    rows.map(([kernel, { ms, calls }]) => ({ kernel, ms: (ms / rounds).toFixed(1), calls: calls / rounds })),
  )}`;
}

const body = `Batches of ${batch}, ${description}. Medians of ${rounds} alternated rounds.\n\n${table(layers.map(measureLayer))}`;
const profile = values.profile || values.keep ? `\n\n${profileGradient()}` : '';
console.log(body + profile);
if (values.keep)
  keep(
    'wasm-kernels',
    'Convolutions on WASM',
    body + profile,
    `node tools/bench/wasm-kernels.mjs --batch ${batch} --keep`,
  );
