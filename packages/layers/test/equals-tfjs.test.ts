import { momentum } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { fit, toOptimizer } from '../src/index.ts';
import { architectures, copiesOf } from './support/architectures.ts';
import { eachTestAlike } from './support/same-chance.ts';

eachTestAlike();

const ARGS = { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 } as const;

/** The losses of each batch and the weights of a model after it is trained. */
async function trace(model: tf.LayersModel, train: (args: tf.ModelFitArgs) => Promise<tf.History>) {
  const logs: unknown[] = [];
  const callbacks = { onBatchEnd: (_: number, log?: tf.Logs) => void logs.push({ ...log }) };
  const { history } = await train({ ...ARGS, validationSplit: 0.2, callbacks });
  return { logs, history, weights: model.getWeights().map((weight) => [...weight.dataSync()]) };
}

const close = (expected: unknown): unknown =>
  typeof expected === 'number'
    ? expect.closeTo(expected, 5)
    : Array.isArray(expected)
      ? expected.map(close)
      : Object.fromEntries(Object.entries(Object(expected)).map(([name, value]) => [name, close(value)]));

describe.each(architectures)('$name', ({ make, x, y, loss, metrics }) => {
  test('is trained by fit as by its own, batch by batch, and by its own with the optimizer made of the chain', async () => {
    const [own, ours, third] = copiesOf(make);
    const compiled = { loss, ...(metrics !== undefined && { metrics }) };
    own.compile({ ...compiled, optimizer: tf.train.momentum(0.05, 0.9) });
    const expected = await trace(own, (args) => own.fit(x(), y(), args));
    const got = await trace(ours, (args) => fit(ours, x(), y(), { ...args, ...compiled, optimizer: momentum(0.05) }));
    expect(got).toEqual(close(expected));
    third.compile({ ...compiled, optimizer: toOptimizer(momentum(0.05)) });
    expect(await trace(third, (args) => third.fit(x(), y(), args))).toEqual(close(expected));
  });
});
