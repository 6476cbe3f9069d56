// A small residual network of silu, as a WideResNet of 10 layers is built, whose numbers follow from a formula, so that
// tools/vectors/spectra.py has the same one.
import { softmaxCrossEntropy } from '@steppe/models';
import * as tf from '@tensorflow/tfjs-core';

/** Numbers in [-0.5, 0.5) for a name: FNV-1a of it, then a scrambled counter. */
function noise(name, count) {
  let h = 2166136261;
  for (const letter of name) h = Math.imul(h ^ letter.charCodeAt(0), 16777619) >>> 0;
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (h + Math.imul(i, 2654435761)) >>> 0;
    for (let turn = 0; turn < 2; turn++) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}

const conv = (inputs, outputs, side = 3) => ({
  shape: [side, side, inputs, outputs],
  spread: Math.sqrt(24 / (side * side * inputs)),
});
const norm = (channels) => ({
  scale: { shape: [channels], offset: 1, spread: 0.5 },
  offset: { shape: [channels], spread: 0.5 },
});

/** The tensors by name, for c and 2c channels. */
const layout = (c, classes) => ({
  stem: conv(1, c),
  one: { before: norm(c), first: conv(c, c), between: norm(c), second: conv(c, c) },
  two: {
    before: norm(c),
    first: conv(c, 2 * c),
    between: norm(2 * c),
    second: conv(2 * c, 2 * c),
    short: conv(c, 2 * c, 1),
  },
  last: norm(2 * c),
  dense: { kernel: { shape: [2 * c, classes], spread: 2 }, bias: { shape: [classes], spread: 1 } },
});

const filled = (place, path) =>
  place.shape
    ? tf.tensor(
        Float32Array.from(
          noise(
            path,
            place.shape.reduce((a, b) => a * b, 1),
          ),
          (u) => (place.offset ?? 0) + place.spread * u,
        ),
        place.shape,
      )
    : Object.fromEntries(Object.entries(place).map(([key, below]) => [key, filled(below, `${path}.${key}`)]));

/** The parameters. */
export const siluParams = (c, classes) => filled(layout(c, classes), '');

/** Some images of 6 × 6, with labels. */
export const siluBatch = (count, classes) => ({
  images: tf.tensor(
    Float32Array.from(noise('images', count * 36), (u) => 4 * u),
    [count, 6, 6, 1],
  ),
  labels: tf.tensor1d(
    Array.from({ length: count }, (_, i) => i % classes),
    'int32',
  ),
});

/** Batch normalization by the statistics of the batch. */
function normalized(x, { scale, offset }) {
  const centred = tf.sub(x, tf.mean(x, [0, 1, 2], true));
  const variance = tf.mean(tf.square(centred), [0, 1, 2], true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
}

const silu = (x) => tf.mul(x, tf.sigmoid(x));

function branch(t, { first, between, second }, stride) {
  return tf.conv2d(silu(normalized(tf.conv2d(t, first, stride, 'same'), between)), second, 1, 'same');
}

/** The loss in two parts, which all operators take. */
export const siluParts = {
  outputs({ stem, one, two, last, dense }, { images }) {
    const x = tf.conv2d(images, stem, 1, 'same');
    const h = tf.add(x, branch(silu(normalized(x, one.before)), one, 1));
    const t = silu(normalized(h, two.before));
    const y = tf.add(tf.conv2d(t, two.short, 2, 'same'), branch(t, two, 2));
    return tf.add(tf.matMul(tf.mean(silu(normalized(y, last)), [1, 2]), dense.kernel), dense.bias);
  },
  loss: (logits, { labels }) => softmaxCrossEntropy(logits, labels),
};

export const siluLoss = (params, batch) => siluParts.loss(siluParts.outputs(params, batch), batch);
