import { key } from '@steppe/random';
import { type ModelLoss, trainStep } from '@steppe/train';
import { adam, momentum, rmsprop, sam, sgd } from '@steppe/transforms';
import { replace } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { assign, fit, fitDataset, fromLayersModel, type Weights } from '../src/index.ts';
import { noise } from './support/architectures.ts';
import { sampling } from './support/custom-layers.ts';
import { weightsOf } from './support/models.ts';
import { eachTestAlike } from './support/same-chance.ts';

// The published examples of TensorFlow.js (tensorflow/tfjs-examples), written anew and small, trained by SAM.

eachTestAlike();

const { layers } = tf;
const { dense } = layers;
const first = (list: readonly unknown[] | undefined) => Number(list?.[0]);
const last = (list: readonly unknown[] | undefined) => Number(list?.at(-1));
const quiet = { verbose: 0, key: key(1), shuffle: false } as const;
const ints = (count: number, f: (i: number) => number) =>
  tf.tensor1d(
    Array.from({ length: count }, (_, i) => f(i)),
    'int32',
  );

/** Pictures of bars, of which class k has a bright column k. */
const bars = (count: number, classes: number) => {
  const pixels = Array.from({ length: count }, (_, n) =>
    Array.from({ length: 8 }, () =>
      Array.from({ length: 8 }, (_, column) => [Math.floor(column / 2) === n % classes ? 1 : 0]),
    ),
  );
  return [
    tf.tensor4d(pixels),
    tf.oneHot(
      ints(count, (n) => n % classes),
      classes,
    ),
  ] as const;
};

test('iris: a perceptron on a dataset of tf.data', async () => {
  const flowers = Array.from({ length: 24 }, (_, i) => ({
    xs: [0, 1, 2, 3].map((feature) => (i % 3) * (feature - 1) + Math.sin(i * feature) / 5),
    ys: [0, 1, 2].map((kind) => (i % 3 === kind ? 1 : 0)),
  }));
  const model = tf.sequential({
    layers: [dense({ units: 6, activation: 'sigmoid', inputShape: [4] }), dense({ units: 3, activation: 'softmax' })],
  });
  const data = tf.data.array(flowers).batch(8);
  const options = {
    optimizer: sam(adam(0.1), 0.05),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    verbose: 0,
  };
  const { history } = await fitDataset(model, data, { ...options, epochs: 12, validationData: data });
  expect(last(history.loss)).toBeLessThan(first(history.loss) / 2);
  expect(last(history.val_acc)).toBe(1);
});

test('boston-housing: a regression with several layers and validation', async () => {
  const x = noise(1, 40, 12);
  const y = tf.sum(tf.mul(x, tf.linspace(-1, 1, 12)), 1, true);
  const model = tf.sequential({
    layers: [
      dense({ units: 10, activation: 'sigmoid', inputShape: [12], kernelInitializer: 'leCunNormal' }),
      dense({ units: 10, activation: 'sigmoid', kernelInitializer: 'leCunNormal' }),
      dense({ units: 1 }),
    ],
  });
  const { history } = await fit(model, x, y, {
    ...quiet,
    optimizer: sam(momentum(0.05), 0.01),
    loss: 'meanSquaredError',
    epochs: 15,
    validationSplit: 0.2,
  });
  expect(last(history.val_loss)).toBeLessThan(first(history.val_loss));
});

test('mnist: a convolutional network, and mnist-transfer-cnn: its features frozen, its head trained on other classes', async () => {
  const features = [
    layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.dropout({ rate: 0.25 }),
    layers.flatten(),
  ];
  const head = [
    dense({ name: 'hidden', units: 8, activation: 'relu' }),
    layers.dropout({ rate: 0.2 }),
    dense({ name: 'logits', units: 4, activation: 'softmax' }),
  ];
  const model = tf.sequential({ layers: [...features, ...head] });
  const [x, y] = bars(16, 4);
  const options = {
    ...quiet,
    optimizer: sam(rmsprop(0.01), 0.05),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 8,
  };
  const { history } = await fit(model, x, y, { ...options, epochs: 8 });
  expect(last(history.loss)).toBeLessThan(first(history.loss));
  for (const layer of features) layer.trainable = false;
  expect(Object.keys(fromLayersModel(model).params)).toEqual(['hidden', 'logits']);
  const [kernel] = weightsOf(model).slice(-2);
  const [others, labels] = [tf.reverse(x, 2), y];
  const { history: next } = await fit(model, others, labels, {
    ...options,
    optimizer: sam(rmsprop(0.01), 0.05),
    epochs: 6,
  });
  expect(last(next.loss)).toBeLessThan(first(next.loss));
  expect(weightsOf(model)).toContainEqual(kernel);
});

test('mnist-transfer of a truncated model: a head on the features of another model', async () => {
  const base = tf.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 1] }),
      layers.batchNormalization(),
      layers.flatten(),
    ],
  });
  const truncated = tf.model({ inputs: base.inputs, outputs: base.outputs });
  truncated.trainable = false;
  const model = tf.sequential({ layers: [truncated, dense({ name: 'head', units: 2, activation: 'softmax' })] });
  const [x, y] = bars(8, 2);
  const { history } = await fit(model, x, y, {
    ...quiet,
    optimizer: sam(adam(0.05), 0.05),
    loss: 'categoricalCrossentropy',
    epochs: 4,
    statistics: 'running',
  });
  expect(Object.keys(fromLayersModel(model).params)).toEqual(['head']);
  expect(last(history.loss)).toBeLessThan(first(history.loss));
});

test('addition-rnn: sums of two digits, read and written digit by digit', async () => {
  const sums = Array.from({ length: 20 }, (_, i) => [i % 5, Math.floor(i / 5)] as const);
  const code = (numbers: readonly number[]) =>
    numbers.map((number) => Array.from({ length: 10 }, (_, k) => (k === number ? 1 : 0)));
  const x = tf.tensor3d(sums.map(([a, b]) => code([a, b])));
  const y = tf.tensor3d(sums.map(([a, b]) => code([Math.floor((a + b) / 10), (a + b) % 10])));
  const model = tf.sequential({
    layers: [
      layers.simpleRNN({ units: 12, recurrentInitializer: 'glorotNormal', inputShape: [2, 10] }),
      layers.repeatVector({ n: 2 }),
      layers.simpleRNN({ units: 12, recurrentInitializer: 'glorotNormal', returnSequences: true }),
      layers.timeDistributed({ layer: dense({ units: 10 }) }),
      layers.activation({ activation: 'softmax' }),
    ],
  });
  const optimizer = sam(adam(0.02), 0.02);
  const losses: number[] = [];
  // One epoch at a time, as the example does: the moments of Adam stay.
  for (let iteration = 0; iteration < 6; iteration++) {
    const { history } = await fit(model, x, y, {
      ...quiet,
      optimizer,
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
      epochs: 1,
      batchSize: 10,
    });
    losses.push(last(history.loss));
  }
  expect(last(losses)).toBeLessThan(first(losses));
});

test('sentiment: an embedding with convolutions, and one with an LSTM', async () => {
  const words = tf.tensor2d(
    Array.from({ length: 12 }, (_, i) => Array.from({ length: 5 }, (_, k) => (i % 2) * 3 + ((i + k) % 3))),
    [12, 5],
    'int32',
  );
  const mood = tf.tensor2d(Array.from({ length: 12 }, (_, i) => [i % 2]));
  const embedding = () => layers.embedding({ inputDim: 6, outputDim: 4, inputLength: 5 });
  const ends = () => dense({ units: 1, activation: 'sigmoid' });
  const cnn = tf.sequential({
    layers: [
      embedding(),
      layers.dropout({ rate: 0.2 }),
      layers.conv1d({ filters: 4, kernelSize: 2, activation: 'relu' }),
      layers.globalMaxPool1d({}),
      ends(),
    ],
  });
  const lstm = tf.sequential({ layers: [embedding(), layers.lstm({ units: 4, dropout: 0.1 }), ends()] });
  for (const model of [cnn, lstm]) {
    const { history } = await fit(model, words, mood, {
      ...quiet,
      optimizer: sam(adam(0.05), 0.05),
      loss: 'binaryCrossentropy',
      metrics: ['accuracy'],
      epochs: 6,
    });
    expect(last(history.loss)).toBeLessThan(first(history.loss));
  }
});

test('jena-weather: GRUs with dropout on a generator of windows', async () => {
  const series = Array.from({ length: 60 }, (_, t) => Math.sin(t / 4));
  function* windows() {
    for (let batch = 0; batch < 4; batch++) {
      const starts = Array.from({ length: 8 }, (_, i) => (batch * 8 + i * 5) % 50);
      yield {
        xs: tf.tensor3d(starts.map((start) => series.slice(start, start + 6).map((value) => [value]))),
        ys: tf.tensor2d(starts.map((start) => [series[start + 7] ?? 0])),
      };
    }
  }
  const model = tf.sequential({
    layers: [layers.gru({ units: 4, dropout: 0.1, recurrentDropout: 0.1, inputShape: [6, 1] }), dense({ units: 1 })],
  });
  const data = tf.data.generator(windows as never).repeat();
  const { history } = await fitDataset(model, data, {
    optimizer: sam(rmsprop(0.02), 0.02),
    loss: 'meanAbsoluteError',
    epochs: 5,
    batchesPerEpoch: 4,
    verbose: 0,
    key: key(0),
  });
  expect(last(history.loss)).toBeLessThan(first(history.loss));
});

test('convolutional LSTM: the next picture of a film', async () => {
  const film = (shift: number) =>
    Array.from({ length: 6 }, (_, n) =>
      Array.from({ length: 3 }, (_, t) =>
        Array.from({ length: 5 }, () => Array.from({ length: 5 }, (_, c) => [c === (n + t + shift) % 5 ? 1 : 0])),
      ),
    );
  const model = tf.sequential({
    layers: [
      layers.convLstm2d({
        filters: 2,
        kernelSize: 3,
        padding: 'same',
        returnSequences: true,
        inputShape: [3, 5, 5, 1],
      }) as tf.layers.Layer,
      layers.conv3d({ filters: 1, kernelSize: [1, 3, 3], padding: 'same', activation: 'sigmoid' }),
    ],
  });
  const { history } = await fit(model, tf.tensor5d(film(0)), tf.tensor5d(film(1)), {
    ...quiet,
    optimizer: sam(adam(0.03), 0.02),
    loss: 'binaryCrossentropy',
    epochs: 3,
  });
  expect(last(history.loss)).toBeLessThan(first(history.loss));
});

test('lstm-text-generation: the next letter', async () => {
  const text = 'sam looks for flat land. '.repeat(2);
  const letters = [...new Set(text)];
  const codes = [...text].map((letter) => letters.indexOf(letter));
  const starts = Array.from({ length: 20 }, (_, i) => i);
  const x = tf.oneHot(
    tf.tensor2d(
      starts.map((i) => codes.slice(i, i + 4)),
      [20, 4],
      'int32',
    ),
    letters.length,
  );
  const y = tf.oneHot(
    ints(20, (i) => codes[i + 4] ?? 0),
    letters.length,
  );
  const model = tf.sequential({
    layers: [
      layers.lstm({ units: 8, returnSequences: true, inputShape: [4, letters.length] }),
      layers.lstm({ units: 8 }),
      dense({ units: letters.length, activation: 'softmax' }),
    ],
  });
  const { history } = await fit(model, tf.cast(x, 'float32'), y, {
    ...quiet,
    optimizer: sam(rmsprop(0.03), 0.02),
    loss: 'categoricalCrossentropy',
    epochs: 5,
    batchSize: 10,
  });
  expect(last(history.loss)).toBeLessThan(first(history.loss));
  expect((model.predict(tf.cast(x, 'float32')) as tf.Tensor).shape).toEqual([20, letters.length]);
});

test('fashion-mnist-vae: a variational autoencoder with a loss of its own, in the step of @steppe/train', () => {
  const input = tf.input({ shape: [16] });
  const hidden = dense({ units: 8, activation: 'relu' }).apply(input);
  const mean = dense({ name: 'mean', units: 2 }).apply(hidden) as tf.SymbolicTensor;
  const logVariance = dense({ name: 'logVariance', units: 2 }).apply(hidden) as tf.SymbolicTensor;
  const z = sampling().apply([mean, logVariance]);
  const decoded = dense({ units: 16, activation: 'sigmoid' }).apply(
    dense({ units: 8, activation: 'relu' }).apply(z),
  ) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: [decoded, mean, logVariance] });
  const { params, state, apply } = fromLayersModel<tf.Tensor[]>(model);
  const loss: ModelLoss<Weights, Weights, tf.Tensor> = (at, fixed, images, stepKey) => {
    const [made, mu, v] = apply(at, fixed, images, { training: true, key: stepKey })[0] as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const rebuilt = tf.sum(tf.square(tf.sub(made, images)), 1);
    const divergence = tf.mul(-0.5, tf.sum(tf.sub(tf.add(1, v), tf.add(tf.square(mu), tf.exp(v))), 1));
    return [tf.mean<tf.Scalar>(tf.add(rebuilt, divergence)), { state: fixed, metrics: {} }];
  };
  const step = trainStep(loss, sam(adam(0.02), 0.02));
  const images = tf.tensor2d(
    Array.from({ length: 8 }, (_, n) => Array.from({ length: 16 }, (_, i) => (i % 4 === n % 4 ? 1 : 0))),
  );
  let carry = { position: step.start(params, state, key(0)), loss: tf.scalar(0) };
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    carry = replace(carry, ({ position }) => {
      const { position: next, report } = step.update(position, images);
      return { position: next, loss: report.loss };
    });
    losses.push(carry.loss.dataSync()[0] as number);
  }
  const mean5 = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  expect(mean5(losses.slice(-5))).toBeLessThan(mean5(losses.slice(0, 5)));
  assign(model, carry.position.params, carry.position.state);
  expect((model.predict(images) as tf.Tensor[]).map(({ shape }) => shape)).toEqual([
    [8, 16],
    [8, 2],
    [8, 2],
  ]);
});

test('polynomial-regression-core: a curve, by plain descent', async () => {
  const x = tf.linspace(-1, 1, 16).expandDims(1);
  const y = x.pow(3).sub(x);
  const model = tf.sequential({
    layers: [dense({ units: 6, activation: 'tanh', inputShape: [1] }), dense({ units: 1 })],
  });
  const { history } = await fit(model, x, y, {
    ...quiet,
    optimizer: sam(sgd(0.1), 0.01),
    loss: 'meanSquaredError',
    epochs: 10,
  });
  expect(last(history.loss)).toBeLessThan(first(history.loss));
});
