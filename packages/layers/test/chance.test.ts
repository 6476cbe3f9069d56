import { key } from '@steppe/random';
import { chain, type GradientTransformation, sgd, transformation } from '@steppe/transforms';
import { minus, norm } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { fit, fromLayersModel, toOptimizer } from '../src/index.ts';
import { noise } from './support/architectures.ts';
import { sampling } from './support/custom-layers.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const { layers } = tf;
const { dense } = layers;
const sequential = (...all: tf.layers.Layer[]) => tf.sequential({ layers: all });
const numbersOf = (x: tf.Tensor): number[] => [...x.dataSync()];

const noisy: { readonly [name: string]: () => tf.LayersModel } = {
  dropout: () => sequential(dense({ units: 8, inputShape: [3] }), layers.dropout({ rate: 0.5 })),
  'spatial dropout': () =>
    sequential(layers.spatialDropout1d({ rate: 0.5, inputShape: [3, 4] }), layers.flatten(), dense({ units: 2 })),
  'gaussian noise': () => sequential(layers.gaussianNoise({ stddev: 1, inputShape: [3] }), dense({ units: 2 })),
  'gaussian dropout': () => sequential(layers.gaussianDropout({ rate: 0.5, inputShape: [3] }), dense({ units: 2 })),
  'alpha dropout': () => sequential(layers.alphaDropout({ rate: 0.5, inputShape: [3] }), dense({ units: 2 })),
  'dropout of an LSTM': () =>
    sequential(layers.lstm({ units: 4, dropout: 0.5, recurrentDropout: 0.5, inputShape: [3, 2] }), dense({ units: 2 })),
  'dropout of cells': () =>
    sequential(
      layers.rnn({
        cell: [layers.gruCell({ units: 3, dropout: 0.5 }), layers.simpleRNNCell({ units: 3, recurrentDropout: 0.5 })],
        inputShape: [3, 2],
      }),
      dense({ units: 2 }),
    ),
};
const inputOf = (model: tf.LayersModel): tf.Tensor =>
  noise(1, 5, ...((model.inputs[0]?.shape ?? []).slice(1) as number[]));

describe.each(Object.entries(noisy).map(([name, make]) => ({ name, make })))('$name', ({ make }) => {
  test('comes from the key, is nothing in evaluation, and is refused without one, with the name of the layer', () => {
    const model = make();
    const { params, state, apply } = fromLayersModel(model);
    const x = inputOf(model);
    const drawn = (seed: number) => numbersOf(apply(params, state, x, { training: true, key: key(seed) })[0]);
    const first = drawn(0);
    const count = tf.memory().numTensors;
    const again = drawn(0);
    expect(tf.memory().numTensors - count).toBe(1);
    expect(again).toEqual(first);
    expect(drawn(1)).not.toEqual(first);
    const evaluated = numbersOf(apply(params, state, x, { training: false })[0]);
    expect(evaluated).toEqual(numbersOf(model.predict(x) as tf.Tensor));
    expect(first).not.toEqual(evaluated);
    expect(() => apply(params, state, x, { training: true })).toThrow(
      /^The layer ".+" \(\w+\) draws random numbers and there is no key: pass one/,
    );
    // Chance is as it was.
    expect(Math.random()).not.toBe(Math.random());
  });
});

/** A link that takes the gradient twice at one point, and notes how far both are from each other. */
const twice = (distances: number[]): GradientTransformation<null> =>
  transformation({
    gradientCost: 2,
    init: () => null,
    update(gradient, state, params, batch) {
      const [one, other] = [gradient(params, batch), gradient(params, batch)];
      distances.push(norm(minus(one.grads, other.grads)).dataSync()[0] as number);
      return [one, state];
    },
  });

describe.each(Object.entries(noisy).map(([name, make]) => ({ name, make })))('$name', ({ name, make }) => {
  test('is the same in all passes of a step, and another in the next', async () => {
    const distances: number[] = [];
    const [model, other] = [make(), make()];
    const [x, y] = [inputOf(model), tf.zeros([5, ...((model.outputs[0]?.shape ?? []).slice(1) as number[])])];
    const optimizer = chain(twice(distances), sgd(0));
    const args = { batchSize: 5, epochs: 3, verbose: 0 } as const;
    const { history } = await fit(model, x, y, { ...args, optimizer, loss: 'meanSquaredError' });
    other.compile({ optimizer: toOptimizer(optimizer), loss: 'meanSquaredError' });
    const { history: theirs } = await other.fit(x, y, args);
    expect(distances).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(history.loss).size).toBe(3);
    // The layer of bare cells keeps the first masks for ever, which fit does not let it.
    if (name !== 'dropout of cells') expect(new Set(theirs.loss).size).toBe(3);
  });
});

test('a run is repeated by its key, in fit and in the optimizer made of a chain', async () => {
  const run = async (seed: number) => {
    const model = noisy.dropout?.() as tf.LayersModel;
    model.setWeights(model.getWeights().map((weight) => tf.onesLike(weight)));
    const [x, y] = [inputOf(model), tf.zeros([5, 8])];
    const options = { optimizer: sgd(0.1), loss: 'meanSquaredError', epochs: 2, verbose: 0, shuffle: false } as const;
    return (await fit(model, x, y, { ...options, key: key(seed) })).history.loss;
  };
  expect(await run(1)).toEqual(await run(1));
  expect(await run(1)).not.toEqual(await run(2));
});

test('a layer that samples in evaluation too needs a key there', () => {
  const input = tf.input({ shape: [3] });
  const [mean, logVariance] = [dense({ units: 2 }).apply(input), dense({ units: 2 }).apply(input)];
  const model = tf.model({
    inputs: input,
    outputs: sampling().apply([mean, logVariance] as tf.SymbolicTensor[]) as tf.SymbolicTensor,
  });
  const { params, state, apply } = fromLayersModel(model);
  const x = noise(1, 4, 3);
  const options = { training: false, key: key(3) };
  expect(numbersOf(apply(params, state, x, options)[0])).toEqual(numbersOf(apply(params, state, x, options)[0]));
  expect(() => apply(params, state, x, { training: false })).toThrow(
    'The layer "sampling" (Sampling) draws random numbers',
  );
});
