// How wrong the estimate of memory is that steppe train makes of a network: numbers that a gradient keeps of an image.
// node tools/bench/memory.mjs (after npm run build)
import * as tf from '@tensorflow/tfjs-core';

const d = new URL('../../apps/wideresnet/dist/', import.meta.url);
const { useBackend } = await import('@steppe/backends');
await useBackend('native');
const { valueAndGrad } = await import('@steppe/autograd');
const models = await import('@steppe/models');
const { key } = await import('@steppe/random');
const { dispose } = await import('@steppe/tree');
const { tracedSize } = await import(new URL('run/traced-size.js', d));
const { entryOf, ownOf } = await import(new URL('options/networks/own.js', d));
for (const [network, own, side, c] of [
  ['wideresnet', { depth: 16, width: 2 }, 32, 3],
  ['resnet18', { width: 16 }, 64, 3],
  ['resnet50', { width: 16 }, 64, 3],
  ['cifar-resnet', { depth: 20 }, 32, 3],
  ['shake-shake', { depth: 14, width: 16 }, 32, 3],
  ['pyramidnet', { depth: 29, alpha: 24 }, 32, 3],
  ['efficientnet-b0', {}, 64, 3],
  ['vit-tiny', { patch: 8 }, 32, 3],
  ['mixer-small', { patch: 16 }, 64, 3],
  ['small-cnn', {}, 32, 3],
  ['mlp', {}, 28, 1],
]) {
  const opts = ownOf({ network, ...own });
  const n = entryOf(network).make(models, opts, 10);
  const shape = [side, side, c];
  const init = n.init(key(0), shape);
  const { activations } = await tracedSize(n, init, shape);
  const peak = async (b) => {
    const images = tf.ones([b, ...shape]);
    const labels = tf.zeros([b], 'int32');
    const g = valueAndGrad((p) => {
      const [l] = n.apply(p, init.state, images, { training: true, key: key(1) });
      return models.softmaxCrossEntropy(l, labels);
    });
    const base = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() => {
      dispose(g(init.params, null));
      return [];
    });
    dispose([images, labels]);
    return peakBytes - base;
  };
  const slope = ((await peak(12)) - (await peak(4))) / 8 / 4;
  console.log(
    network,
    'estimate',
    Math.round(activations),
    'measured',
    Math.round(slope),
    (activations / slope).toFixed(2),
    entryOf(network).size
      ? `closed ${(entryOf(network).size(models, opts, shape, 10).activations / slope).toFixed(2)}`
      : '',
  );
  dispose(init);
}
