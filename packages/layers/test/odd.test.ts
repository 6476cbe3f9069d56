import { key } from '@steppe/random';
import { sam, sgd } from '@steppe/transforms';
import { clone } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { type Meant, oddFaults } from '../../../tools/vitest/odd.ts';
import * as exported from '../src/index.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const { assign, fit, fitDataset, forget, fromLayersModel, layersLoss, toOptimizer } = exported;
const [x, y] = [() => tf.ones([2, 3]), () => tf.zeros([2, 1])];
const loss = 'meanSquaredError';
const optimizer = sam(sgd(0.1), 0.05);
const small = () => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
const shared = { optimizer, loss, metrics: ['mae'], key: key(0), statistics: 'batch', epochs: 1, verbose: 0 } as const;
const dataset = () => tf.data.array([{ xs: [1, 2, 3], ys: [1] }]).batch(1);

/** The calls on one model, which stays what it is. */
function calls(): readonly Meant[] {
  const model = small();
  const network = fromLayersModel(model);
  const { params } = network;
  const made = layersLoss(model, { loss });
  const batch = () => ({ xs: [x()], ys: [y()] });
  const trees = () => [clone(params), {}] as const;
  return [
    { name: 'assign', call: assign, args: () => [model, ...trees()] },
    {
      name: 'fit',
      call: async (...args: Parameters<typeof fit>) => {
        try {
          await fit(...args);
        } finally {
          forget(model);
        }
      },
      args: () => {
        const options = { ...shared, batchSize: 2, shuffle: false, validationData: [x(), y()] };
        return [model, x(), y(), options];
      },
    },
    {
      name: 'fitDataset',
      call: async (...args: Parameters<typeof fitDataset>) => {
        try {
          await fitDataset(...args);
        } finally {
          forget(model);
        }
      },
      args: () => [model, dataset(), { ...shared, batchesPerEpoch: 1 }],
    },
    { name: 'forget', call: forget, args: () => [model] },
    {
      name: 'fromLayersModel',
      call: (given: tf.LayersModel) => {
        const { params: ours, state: others } = fromLayersModel(given);
        return [ours, others];
      },
      args: () => [model],
    },
    {
      name: 'fromLayersModel.apply',
      call: network.apply,
      args: () => [...trees(), x(), { training: true, key: key(0) }],
    },
    {
      name: 'layersLoss',
      call: (...args: Parameters<typeof layersLoss>) => void layersLoss(...args),
      args: () => [model, { loss, metrics: ['mae'], statistics: 'batch' }],
    },
    { name: 'layersLoss.outputs', call: made.outputs, args: () => [...trees(), batch(), key(0)] },
    {
      name: 'layersLoss.loss',
      call: (...args: Parameters<typeof made.loss>) => tf.tidy(() => [made.loss(...args)].flat() as tf.Tensor[]),
      args: () => [{ outputs: [y()], penalties: [] }, batch()],
    },
    {
      name: 'toOptimizer',
      call: (...args: Parameters<typeof toOptimizer>) => void toOptimizer(...args),
      args: () => [optimizer, { key: key(0) }],
    },
  ] as readonly Meant[];
}

describe('odd arguments', () => {
  test('every function of the package is called', () => {
    const functions = Object.entries(exported).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    const all = calls().map(({ name }) => name);
    expect(functions.filter((name) => !all.includes(name))).toEqual([]);
  });

  test.each(calls())('$name refuses them in one line, and leaves nothing', async (meant) => {
    // A loss that gives no tensor breaks off a step, and TensorFlow.js's own loop then keeps the batch that it was at.
    const own = /^fit(Dataset)? at \d\.(loss|metrics)(\.0)?, f: \d tensors left$/;
    expect((await oddFaults(meant)).filter((fault) => !own.test(fault)).join('\n')).toBe('');
  });
});
