import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { clone } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults } from '../../../tools/vitest/odd.ts';
import * as models from '../src/index.ts';

const [x, images, tokens] = [() => tf.ones([2, 4]), () => tf.ones([2, 4, 4, 2]), () => tf.ones([2, 3, 4])];
const labels = () => tf.tensor1d([0, 1], 'int32');
const ofKey = () => key(0);
const norm = () => models.initBatchNorm(2);
const size = { features: 4, depth: 1, heads: 2 };
const mixer = { features: 4, depth: 1, tokenFeatures: 2, channelFeatures: 2 };

/** The options of each network, and the size of the images that it is tried with. */
const networks = {
  wideResNet: { depth: 10, width: 1, classes: 2, dropout: 0.1, activation: 'relu' },
  resNet: { depth: 10, classes: 2, width: 2, stem: 'small', zeroInitResidual: true },
  cifarResNet: { depth: 8, classes: 2, width: 2 },
  shakeShake: { depth: 8, width: 2, classes: 2 },
  pyramidNet: { depth: 8, alpha: 3, classes: 2, bottleneck: false, shakeDrop: 0.5, channels: 'floor' },
  efficientNet: { variant: { width: 0.1, depth: 0.1 }, classes: 2, like: 'timm', dropout: 0.1, dropConnect: 0.1 },
  visionTransformer: { variant: size, patch: 2, classes: 2, dropout: 0.1, dropPath: 0.1 },
  mlpMixer: { variant: mixer, patch: 2, classes: 2, dropPath: 0.1 },
  smallCnn: { classes: 2, widths: [2] },
  mlp: { widths: [2], classes: 2, activation: 'gelu' },
} as const;

type Make = (options: object) => models.Model<never, never>;

/** A file of weights, and what is needed to load it. */
const dense = () => models.initDense(key(0), 4, 2);
const names: readonly models.WeightName[] = [
  { path: '.kernel', name: 'fc.weight', layout: 'dense', of: 'params' },
  { path: '.bias', name: 'fc.bias', layout: 'same', of: 'params' },
];
const weights = dense();
const file = await models.exportSafetensors(names, { params: weights, state: null });
tf.dispose(weights as never);

const layers: { readonly [name: string]: () => readonly unknown[] } = {
  activate: () => ['relu', x()],
  attention: () => [models.initAttention(key(0), 4), tokens(), 2],
  batchNorm: () => [
    norm().params,
    norm().state,
    images(),
    { training: true, momentum: 0.9, epsilon: 1e-5, relu: true },
  ],
  conv: () => [models.initConv(key(0), 3, 2, 2), images(), 1, 'same'],
  dense: () => [dense(), x()],
  depthwiseConv: () => [models.initDepthwiseConv(key(0), 3, 2), images(), 1, 'same'],
  dropPath: () => [key(0), 0.5, x()],
  dropout: () => [key(0), 0.5, x()],
  groupNorm: () => [norm().params, images(), 2, { epsilon: 1e-5 }],
  heNormal: () => [key(0), [1, 1, 2, 2]],
  initAttention: () => [key(0), 4],
  initBatchNorm: () => [2, 1],
  initConv: () => [key(0), 3, 2, 2],
  initDense: () => [key(0), 2, 2, models.xavierUniform],
  initDepthwiseConv: () => [key(0), 3, 2],
  initLayerNorm: () => [2],
  initPatchEmbedding: () => [key(0), 2, 2, 4],
  initSqueezeExcite: () => [key(0), 2, 1],
  layerNorm: () => [models.initLayerNorm(4), x(), { epsilon: 1e-6 }],
  maxPool: () => [images(), 3, 2],
  padChannels: () => [images(), 4],
  patchEmbedding: () => [models.initPatchEmbedding(key(0), 2, 2, 4), images()],
  shake: () => [images(), tf.ones([2, 1, 1, 1]), tf.ones([2, 1, 1, 1])],
  shakeBranches: () => [key(0), images(), images()],
  shakeDrop: () => [key(0), 0.5, images()],
  squeezeExcite: () => [models.initSqueezeExcite(key(0), 2, 1), images(), 'relu'],
  xavierUniform: () => [key(0), 2, 2],
};

const others: { readonly [name: string]: () => readonly unknown[] } = {
  accuracy: () => [x(), labels(), { ignore: 1 }],
  bootstrappedCrossEntropy: () => [x(), labels(), { kind: 'hard', keep: 0.9 }],
  calibrationError: () => [x(), labels(), { bins: 3, smoothing: 0 }],
  calibrationGaps: () => [x(), labels(), { bins: 3 }],
  efficientNetNames: () => [networks.efficientNet],
  entryWeight: () => [x(), { weights: tf.ones([2]) }],
  errorRate: () => [x(), labels(), {}],
  exportSafetensors: () => [names, { params: dense(), state: null }],
  frozenStatistics: () => [models.mlp(networks.mlp)],
  huberLoss: () => [x(), x(), { delta: 1 }],
  labelWeight: () => [labels(), { ignore: 1 }],
  loadSafetensors: () => [file, names, { params: dense(), state: null }, { head: 'load' }],
  logSoftmax: () => [x()],
  meanSquaredError: () => [x(), x(), { weights: tf.ones([2]) }],
  mlpMixerNames: () => [networks.mlpMixer],
  resNetNames: () => [networks.resNet],
  sigmoidCrossEntropy: () => [x(), x(), { classWeights: [1, 1, 1, 1] }],
  softmaxCrossEntropy: () => [x(), labels(), { smoothing: 0.1, spread: 'all', classWeights: [1, 1, 1, 1] }],
  syncBatchNorm: () => [models.mlp(networks.mlp), (values: Float32Array) => values],
  topKAccuracy: () => [x(), labels(), 2, {}],
  visionTransformerNames: () => [networks.visionTransformer, 'timm'],
  wideResNetSize: () => [networks.wideResNet, [4, 4, 1]],
};

const all: { readonly [name: string]: unknown } = models;

const ofNetworks = Object.entries(networks).flatMap(([name, options]): Meant[] => {
  const make = all[name] as Make;
  const model = make(options);
  const made = model.init(key(0), [4, 4, 2]);
  return [
    { name, call: make, args: () => [options] },
    { name: `${name}.init`, call: model.init, args: () => [ofKey(), [4, 4, 2]] },
    {
      name: `${name}.apply`,
      call: model.apply,
      args: () => {
        const { params, state } = clone(made);
        return [params, state, images(), { training: true, key: key(0), statistics: 'batch' }];
      },
    },
  ];
});

const calls: readonly Meant[] = [
  ...ofNetworks,
  ...Object.entries({ ...layers, ...others }).map(([name, args]) => ({ name, call: all[name] as Meant['call'], args })),
];

// Where networks are quick.
beforeAll(async () => void (await useBackend('native')));
afterAll(async () => void (await useBackend('cpu')));

test('every function of the package is there', () => {
  const functions = Object.entries(models).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.filter((name) => !calls.some((each) => each.name === name))).toEqual([]);
});

test.each(calls)('$name refuses odd arguments in one line, and leaves nothing', async (meant) => {
  expect((await oddFaults(meant)).join('\n')).toBe('');
});
