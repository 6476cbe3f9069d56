import { readFileSync } from 'node:fs';
import { key } from '@steppe/random';
import { dispose, type Tree, writeSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  efficientNet,
  efficientNetNames,
  loadSafetensors,
  type Model,
  mlpMixer,
  mlpMixerNames,
  visionTransformer,
  visionTransformerNames,
  type WeightName,
} from '../../src/index.ts';
import { publishedShape } from '../../src/weights/layouts.ts';
import { placed } from '../../src/weights/placed.ts';

type Case = { readonly images: [number, number, number, number]; readonly logits: readonly number[][] };

/** Made by tools/weights/fixture.mjs: what PyTorch's own networks give with the weights of the formula below. */
const cases: Record<string, Case> = JSON.parse(
  readFileSync(new URL('../fixtures/published-logits.json', import.meta.url), 'utf8'),
);

/** Numbers in [-1, 1) that look random, as `noise` of tools/weights/networks.py gives them. */
function noise(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(i * 12.9898 + seed) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) - 1;
  });
}

/** `by_formula` of tools/weights/networks.py. */
function byFormula(name: string, shape: readonly number[]): tf.Tensor {
  const seed = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 1000;
  const isScale = name.endsWith('running_var') || (shape.length === 1 && name.endsWith('weight'));
  const fanIn = shape.slice(1).reduce((product, side) => product * side, 1);
  const values = noise(
    shape.reduce((product, side) => product * side, 1),
    seed,
  ).map((u) => (isScale ? 1 + 0.5 * u : shape.length === 1 ? 0.2 * u : u * Math.sqrt(3 / fanIn)));
  return tf.tensor(Float32Array.from(values), [...shape]);
}

async function logitsOf<P extends Tree, S extends Tree>(
  model: Model<P, S>,
  names: readonly WeightName[],
  [n, h, w, c]: Case['images'],
): Promise<readonly number[][]> {
  const start = model.init(key(0), [h, w, c]);
  const weights = Object.fromEntries(
    placed(names, start).map(({ name, leaf, layout }) => [name, byFormula(name, publishedShape(leaf.shape, layout))]),
  );
  const { params, state } = await loadSafetensors(await writeSafetensors(weights), names, start);
  const pixels = tf.tensor4d(Float32Array.from(noise(n * h * w * c, 0.5)), [n, c, h, w]);
  const images = tf.transpose(pixels, [0, 2, 3, 1]);
  const [logits, next] = model.apply(params, state, images, { training: false });
  const values = logits.arraySync();
  dispose(weights, params, state, start, pixels, images, logits, next);
  return values;
}

const efficient = (like: 'tensorflow' | 'timm' | 'torchvision') => () => {
  const options = { variant: { width: 0.1, depth: 0.1 }, classes: 5, like };
  return [efficientNet(options), efficientNetNames(options)] as const;
};
const transformer = (library: 'timm' | 'torchvision') => () => {
  const options = { variant: { features: 24, depth: 2, heads: 3 }, patch: 4, classes: 5 };
  return [visionTransformer(options), visionTransformerNames(options, library)] as const;
};

const networks: Record<string, (images: Case['images']) => Promise<readonly number[][]>> = {
  'tiny-efficientnet-torchvision': (images) => logitsOf(...efficient('torchvision')(), images),
  'tiny-efficientnet-timm': (images) => logitsOf(...efficient('timm')(), images),
  'tiny-efficientnet-tensorflow': (images) => logitsOf(...efficient('tensorflow')(), images),
  'tiny-vit-timm': (images) => logitsOf(...transformer('timm')(), images),
  'tiny-vit-torchvision': (images) => logitsOf(...transformer('torchvision')(), images),
  'tiny-mixer-timm': (images) => {
    const variant = { features: 16, depth: 2, tokenFeatures: 8, channelFeatures: 32 };
    const options = { variant, patch: 4, classes: 5 };
    return logitsOf(mlpMixer(options), mlpMixerNames(options), images);
  },
};

test.each(Object.keys(networks))('%s gives the logits of PyTorch for the same weights', async (name) => {
  const { images, logits: expected } = cases[name] as Case;
  const before = tf.memory().numTensors;
  const logits = await networks[name]?.([images[0], images[1], images[2], images[3]]);
  expect(tf.memory().numTensors).toBe(before);
  const largest = Math.max(...expected.flat().map(Math.abs));
  const differences = expected.flatMap((row, n) => row.map((x, c) => Math.abs(x - (logits?.[n]?.[c] ?? Number.NaN))));
  expect(Math.max(...differences) / largest).toBeLessThan(1e-4);
});
