import { chain, samTransform, scale, sgd } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { assign, fit, fitDataset, fromLayersModel, layersLoss } from '../src/index.ts';
import { counter, drifting, seeded } from './support/custom-layers.ts';
import { weightsOf } from './support/models.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const { layers } = tf;
const { dense } = layers;
const simple = () => tf.sequential({ layers: [dense({ name: 'only', units: 1, inputShape: [2] })] });
const [x, y] = [() => tf.ones([4, 2]), () => tf.ones([4, 1])];
const any = <T>(value: unknown): T => value as T;
const loss = 'meanSquaredError';

describe('models that are refused, each in one line', () => {
  const rnn = () => layers.lstm({ name: 'memory', units: 2, stateful: true });
  test.each<[string, () => unknown, RegExp]>([
    ['no model', () => ({ predict: 1 }), /^model must be a tf.LayersModel, .+ got \{ predict \}/],
    ['a graph model', () => ({ layers: 1, execute: () => 1 }), /got a tf.GraphModel, whose weights are constants\.$/],
    ['no shape', () => tf.sequential(), /no layers yet: add some, the first one with an inputShape/],
    [
      'a stateful layer',
      () =>
        tf.sequential({
          layers: [layers.lstm({ name: 'memory', units: 2, stateful: true, batchInputShape: [4, 3, 2] })],
        }),
      /^The layer "memory" \(LSTM\) is stateful/,
    ],
    [
      'a stateful layer in a wrapper in a model',
      () => {
        const inner = tf.sequential({
          layers: [
            layers.bidirectional({ layer: any<tf.RNN>(rnn()), mergeMode: 'sum', batchInputShape: [4, 3, 2] } as never),
          ],
        });
        return tf.sequential({ layers: [inner, dense({ units: 1 })] });
      },
      /\(LSTM\) is stateful/,
    ],
    [
      'a seed that counts',
      () => tf.sequential({ layers: [dense({ units: 1, inputShape: [2] }), seeded()] }),
      /^The layer "seeded" \(Seeded\) counts its seed up/,
    ],
  ])('%s', (_, make, message) => {
    for (const use of [
      fromLayersModel,
      (model: tf.LayersModel) => layersLoss(model, { loss }),
      (model: tf.LayersModel) => assign(model, {}, {}),
    ])
      expect(() => use(any(make()))).toThrow(message);
  });

  test('a layer that keeps something in a variable of its own, or moves a trainable weight', () => {
    const run = (layer: tf.layers.Layer) => {
      const model = tf.sequential({ layers: [dense({ units: 2, inputShape: [2] }), layer] });
      const { params, state, apply } = fromLayersModel(model);
      return apply(params, state, x(), { training: true });
    };
    expect(() => run(counter())).toThrow(
      'The layer "counter" (Counter) assigns to a tf.Variable of its own while it runs',
    );
    expect(() => run(drifting())).toThrow(
      'The layer "drifting" (Drifting) writes to its trainable weight "drifting/gain"',
    );
    // All is as before.
    const free = tf.variable(tf.scalar(1));
    free.assign(tf.scalar(2));
    expect(free.dataSync()[0]).toBe(2);
  });
});

describe('calls that are refused, each in one line', () => {
  test.each<[string, (pure: ReturnType<typeof fromLayersModel>) => unknown, string]>([
    ['no options', ({ apply, params, state }) => apply(params, state, x(), any({})), 'training must be true or false'],
    [
      'a key that is none',
      ({ apply, params, state }) => apply(params, state, x(), { training: true, key: any(3) }),
      'key must be a random key',
    ],
    [
      'an unknown option',
      ({ apply, params, state }) => apply(params, state, x(), any({ training: true, kay: 1 })),
      'apply has no option "kay": did you mean "key"?',
    ],
    [
      'two inputs',
      ({ apply, params, state }) => apply(params, state, [x(), x()], { training: true }),
      'inputs must be a tensor, got a list of 2',
    ],
    [
      'nothing',
      ({ apply, state }) => apply({}, state, x(), { training: true }),
      'params has nothing at ".only.kernel"',
    ],
    [
      'another shape',
      ({ apply, state }) =>
        apply({ only: { kernel: tf.ones([3, 1]), bias: tf.ones([1]) } }, state, x(), { training: true }),
      'params has shape [3,1] at ".only.kernel", the model has [2,1]',
    ],
    [
      'too much',
      ({ apply, params }) => apply(params, { only: { mean: tf.scalar(0) } }, x(), { training: true }),
      'state has ".only.mean", which is no weight that the model keeps fixed.',
    ],
  ])('%s', (_, call, message) => {
    const model = simple();
    const before = weightsOf(model);
    expect(() => call(fromLayersModel(model))).toThrow(message);
    expect(weightsOf(model)).toEqual(before);
  });

  test('assign writes all or nothing', () => {
    const model = simple();
    const before = weightsOf(model);
    expect(() => assign(model, { only: { kernel: tf.zeros([2, 1]), bias: tf.zeros([2]) } }, {})).toThrow(
      'params has shape [2] at ".only.bias"',
    );
    expect(weightsOf(model)).toEqual(before);
  });

  test('batches that do not fit the model', () => {
    const model = simple();
    const { params, state } = fromLayersModel(model);
    const { outputs, loss: last } = layersLoss(model, { loss });
    const made = outputs(params, state, { xs: [x()], ys: [] }, { threefry: [0, 0] })[0];
    expect(() => last(made, { xs: [x()], ys: [] })).toThrow('ys must be a list of 1 tensor, got a list of 0.');
    expect(() => last(made, { xs: [x()], ys: [tf.ones([4, 3])] })).toThrow(
      'ys[0] must have shape [any,1] for this model and loss, got [4,3].',
    );
    expect(() => layersLoss(model)).toThrow('The model has no loss yet');
    expect(() => layersLoss(model, { loss: 'meanSquareError' })).toThrow('Unknown loss meanSquareError');
  });
});

describe('fits that are refused before any work, each in one line', () => {
  const good = { optimizer: sgd(0.1), loss };
  test.each<[string, object, string]>([
    ['no optimizer', { loss }, 'optimizer must be a transformation'],
    [
      'an optimizer by name',
      { optimizer: 'adam' },
      'optimizer must be a transformation of @steppe/transforms, such as sam(adam(1e-3), 0.05), got "adam", which is for model.fit.',
    ],
    [
      'an optimizer of tfjs',
      { optimizer: tf.train.sgd(0.1) },
      'got an optimizer of TensorFlow.js, which is for model.fit.',
    ],
    ['one that climbs', { optimizer: chain(samTransform(0.1), scale(0.1)) }, 'climbs'],
    ['no loss', { optimizer: sgd(0.1) }, 'The model has no loss yet'],
    ['an unknown option', { ...good, epoch: 3 }, 'fit has no option "epoch": did you mean "epochs"?'],
    ['half a batch', { ...good, batchSize: 0.5 }, 'batchSize must be a positive whole number, got 0.5.'],
    ['fewer than no epochs', { ...good, epochs: -1 }, 'epochs must be a whole number of at least 0, got -1.'],
    ['all for validation', { ...good, validationSplit: 1 }, 'validationSplit must be in [0, 1), got 1.'],
    ['shuffling by batch', { ...good, shuffle: 'batch' }, 'shuffle must be true or false, got "batch".'],
    ['a key that is none', { ...good, key: 3 }, 'key must be a random key'],
    ['unknown statistics', { ...good, statistics: 'moving' }, 'statistics must be "batch" or "running", got "moving".'],
    ['weights of examples', { ...good, sampleWeight: 1 }, "TensorFlow.js's fit has no sampleWeight: give classWeight"],
    [
      'steps of an epoch',
      { ...good, stepsPerEpoch: 1 },
      "TensorFlow.js's fit has no stepsPerEpoch: give it fewer examples",
    ],
    ['targets of another shape', { ...good, y: [4, 3] }, 'expected'],
  ])('%s', async (_, { y: shape, ...options }: { readonly y?: number[] }, message) => {
    const model = simple();
    const before = weightsOf(model);
    await expect(fit(model, x(), shape ? tf.ones(shape) : y(), any(options))).rejects.toThrow(message);
    expect(weightsOf(model)).toEqual(before);
    // It can be fitted afterwards.
    await fit(model, x(), y(), { ...good, verbose: 0 });
  });

  test('two at once', async () => {
    const model = simple();
    const first = fit(model, x(), y(), { ...good, verbose: 0 });
    await Promise.resolve();
    await expect(fit(model, x(), y(), { ...good, verbose: 0 })).rejects.toThrow(
      'The model is being fitted: await that fit',
    );
    await first;
  });

  test('fitDataset with options of fit', async () => {
    await expect(fitDataset(simple(), tf.data.array([]), any({ ...good, batchSize: 2 }))).rejects.toThrow(
      'fitDataset has no option "batchSize"',
    );
  });
});
