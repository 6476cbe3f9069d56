import { key } from '@steppe/random';
import { adam, sam, sgd } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { assign, fit, fitDataset, fromLayersModel, toOptimizer } from '../src/index.ts';
import { copiesOf, noise } from './support/architectures.ts';
import { numbers, weightsOf } from './support/models.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const { layers } = tf;
const { dense } = layers;
const loss = 'meanSquaredError';
const [x, y] = [() => noise(1, 8, 3), () => noise(2, 8, 1)];
const args = { batchSize: 4, shuffle: false, verbose: 0 } as const;
const make = (options: object = {}) =>
  tf.sequential({
    layers: [dense({ units: 2, inputShape: [3], ...options }), layers.batchNormalization(), dense({ units: 1 })],
  });
const predicted = (model: tf.LayersModel) => [...(model.predict(x()) as tf.Tensor).dataSync()];

test('a model that was trained is saved, loaded and trained on', async () => {
  const model = make();
  await fit(model, x(), y(), { ...args, optimizer: sam(adam(0.05), 0.05), loss, epochs: 2 });
  let saved: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
  expect(predicted(loaded)).toEqual(predicted(model));
  const names = Object.keys(fromLayersModel(loaded).params);
  expect(names).toEqual(Object.keys(fromLayersModel(model).params));
  const before = weightsOf(loaded);
  await fit(loaded, x(), y(), { ...args, optimizer: sam(adam(0.05), 0.05), loss });
  expect(weightsOf(loaded)).not.toEqual(before);
  await expect(
    model.save(
      tf.io.withSaveHandler(async () => ({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' },
      })),
      { includeOptimizer: true },
    ),
  ).rejects.toThrow('is no part of a saved tf.LayersModel: save the model without includeOptimizer');
});

test('assign moves weights from one model to another of the same layers', () => {
  const named = () =>
    tf.sequential({
      layers: [dense({ name: 'a', units: 2, inputShape: [3] }), layers.batchNormalization({ name: 'b' })],
    });
  const [one, other] = [named(), named()];
  const { params, state } = fromLayersModel(one);
  expect(numbers(fromLayersModel(other).params)).not.toEqual(numbers(params));
  assign(other, params, state);
  expect(predicted(other)).toEqual(predicted(one));
  tf.dispose([params.a?.kernel ?? [], params.a?.bias ?? []]);
  expect(predicted(other)).toEqual(predicted(one));
});

test('callbacks see the model as it is, stop the run, and may change it', async () => {
  const model = make();
  const seen: string[] = [];
  const note = (what: string) => async () => void seen.push(what);
  const early = tf.callbacks.earlyStopping({ monitor: 'val_loss', minDelta: 1e6 });
  const stopped = await fit(model, x(), y(), {
    ...args,
    optimizer: sgd(0.01),
    loss,
    epochs: 9,
    validationSplit: 0.5,
    callbacks: [early],
  });
  expect(stopped.epoch.length).toBe(2);
  expect(Object.keys(stopped.history)).toEqual(['val_loss', 'loss']);
  const weights: number[][][] = [];
  const callbacks = {
    onTrainBegin: note('train'),
    onEpochBegin: note('epoch'),
    onBatchEnd: async () => {
      seen.push('batch');
      weights.push(weightsOf(model));
      model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight)));
    },
    onTrainEnd: note('end'),
  };
  const { epoch } = await fit(model, x(), y(), {
    ...args,
    optimizer: sgd(0.01),
    loss,
    initialEpoch: 3,
    epochs: 4,
    callbacks,
  });
  expect([epoch, seen]).toEqual([[3], ['train', 'epoch', 'batch', 'batch', 'end']]);
  // The second batch started from zeros: only the last bias has a gradient there.
  const [first, second] = weights;
  expect(first).not.toEqual(second);
  expect(second?.[0]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('validation data, class weights and the loss that the model is compiled with are those of its own fit', async () => {
  const classifier = () => tf.sequential({ layers: [dense({ units: 2, activation: 'softmax', inputShape: [3] })] });
  const [own, ours] = copiesOf(classifier);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 1, 0, 1, 0, 0, 1], 'int32'), 2);
  const options = {
    ...args,
    epochs: 2,
    classWeight: { 0: 1, 1: 5 },
    validationData: [noise(3, 4, 3), tf.oneHot(tf.tensor1d([0, 1, 0, 1], 'int32'), 2)] as [tf.Tensor, tf.Tensor],
  };
  for (const model of [own, ours])
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await own.fit(x(), labels, options);
  const { history: got } = await fit(ours, x(), labels, { ...options, optimizer: sgd(0.1) });
  expect(Object.keys(got)).toEqual(['val_loss', 'val_acc', 'loss', 'acc']);
  for (const [name, values] of Object.entries(history))
    expect(got[name]).toEqual(values.map((value) => expect.closeTo(value as number, 5)));
  // It still has the optimizer that it was compiled with.
  await ours.fit(x(), labels, { ...args });
});

test('records of inputs by name, and datasets, are taken as the model takes them', async () => {
  const [a, b] = [tf.input({ name: 'a', shape: [3] }), tf.input({ name: 'b', shape: [1] })];
  const build = () =>
    tf.model({
      inputs: [a, b],
      outputs: dense({ name: 'sum', units: 1 }).apply(layers.concatenate().apply([a, b])) as tf.SymbolicTensor,
    });
  const [own, ours, others] = copiesOf(build);
  own.compile({ optimizer: tf.train.sgd(0.1), loss });
  await own.fit({ a: x(), b: y() }, y(), args);
  await fit(ours, { a: x(), b: y() }, { sum: y() }, { ...args, optimizer: sgd(0.1), loss });
  const near = weightsOf(own).map((list) => list.map((value) => expect.closeTo(value, 5)));
  expect(weightsOf(ours)).toEqual(near);
  const batches = [0, 4].map((first) => ({
    xs: { a: tf.slice(x(), [first, 0], [4, 3]), b: tf.slice(y(), [first, 0], [4, 1]) },
    ys: tf.slice(y(), [first, 0], [4, 1]),
  }));
  const { epoch } = await fitDataset(others, tf.data.array(batches as never), {
    optimizer: sgd(0.1),
    loss,
    epochs: 1,
    verbose: 0,
  });
  expect(epoch).toEqual([0]);
  expect(weightsOf(others)).toEqual(near);
});

test('constraints hold after every step, which TensorFlow.js leaves to its users', async () => {
  const constrained = { kernelConstraint: tf.constraints.nonNeg(), kernelInitializer: 'zeros' };
  const build = () =>
    tf.sequential({ layers: [dense({ units: 2, inputShape: [3], ...constrained } as never), dense({ units: 1 })] });
  const [own, ours] = copiesOf(build);
  own.compile({ optimizer: tf.train.sgd(0.5), loss });
  await own.fit(x(), y(), { ...args, epochs: 3 });
  await fit(ours, x(), y(), { ...args, epochs: 3, optimizer: sgd(0.5), loss });
  expect(Math.min(...(weightsOf(own)[0] ?? []))).toBeLessThan(0);
  expect(Math.min(...(weightsOf(ours)[0] ?? []))).toBeGreaterThanOrEqual(0);
});

test('statistics that run normalize batches and stay, and the rest is trained', async () => {
  const model = make();
  const before = fromLayersModel(model);
  const { history } = await fit(model, x(), y(), {
    ...args,
    batchSize: 8,
    optimizer: sam(sgd(0.1), 0.05),
    loss,
    statistics: 'running',
  });
  const after = fromLayersModel(model);
  expect(numbers(after.state)).toEqual(numbers(before.state));
  expect(numbers(after.params)).not.toEqual(numbers(before.params));
  const [outputs] = before.apply(before.params, before.state, x(), { training: false });
  expect(history.loss?.[0]).toBeCloseTo(tf.mean(tf.square(tf.sub(outputs, y()))).dataSync()[0] as number, 5);
  const options = { training: true, statistics: 'running', key: key(0) } as const;
  const [same] = before.apply(before.params, before.state, x(), options);
  expect([...same.dataSync()]).toEqual([...outputs.dataSync()]);
});

test('an exception in a layer leaves the model, chance and its variables as they were, and no tensors', () => {
  const model = make();
  const { params, state, apply } = fromLayersModel(model);
  const wrong = tf.ones([2, 4]);
  const before = weightsOf(model);
  const count = tf.memory().numTensors;
  expect(() => apply(params, state, wrong, { training: true, key: key(0) })).toThrow();
  expect(tf.memory().numTensors).toBe(count);
  expect(weightsOf(model)).toEqual(before);
  expect(Math.random()).not.toBe(Math.random());
  expect(Object.keys(model.weights[0] as object)).not.toContain('read');
});

test('trainOnBatch takes the optimizer that is made of a chain', async () => {
  const [own, ours] = copiesOf(make);
  own.compile({ optimizer: tf.train.sgd(0.1), loss, metrics: ['mae'] });
  ours.compile({ optimizer: toOptimizer(sgd(0.1)), loss, metrics: ['mae'] });
  const expected = (await own.trainOnBatch(x(), y())) as number[];
  expect(await ours.trainOnBatch(x(), y())).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  expect(weightsOf(ours)).toEqual(weightsOf(own).map((list) => list.map((value) => expect.closeTo(value, 5))));
});
