import { valueAndGrad } from '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import {
  addDecayedWeights,
  applyUpdates,
  chain,
  cosineDecay,
  microBatch,
  samTransform,
  scaleBySchedule,
  trace,
} from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { train, trainStep } from '../src/index.ts';

type Params = { readonly w: tf.Tensor };
type Batch = { readonly x: tf.Tensor; readonly y: tf.Tensor };

const steps = 20;

/** Parameters and examples, on the device that is chosen by then. */
function problem(): { readonly params: Params; readonly batch: Batch } {
  const x = tf.tensor2d(Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(2 * i), 1]));
  return { params: { w: tf.zeros([3]) }, batch: { x, y: tf.dot(x, tf.tensor1d([1, -2, 3])) } };
}

const loss = ({ w }: Params, examples: Batch) =>
  tf.mean<tf.Scalar>(tf.square(tf.sub(tf.dot(examples.x, w), examples.y)));

test("the design's page of code runs as written, on whatever device is here", async () => {
  await useBackend('auto');
  const { params, batch } = problem();
  const optimizer = chain(
    samTransform(0.05, 2),
    microBatch(32),
    addDecayedWeights(5e-4),
    trace(0.9, { nesterov: true }),
    scaleBySchedule(cosineDecay(-0.1, steps)),
  );
  const gradient = valueAndGrad(loss);
  const [{ value, grads }, state] = optimizer.update(gradient, optimizer.init(params), params, batch);

  const [{ value: next }] = optimizer.update(gradient, state, applyUpdates(params, grads), batch);
  expect((await next.data())[0]).toBeLessThan((await value.data())[0] as number);

  const step = trainStep(
    (w: Params, none: null, examples: Batch) => [loss(w, examples), { state: none, metrics: {} }],
    optimizer,
  );
  const batches = Array.from({ length: steps }, () => ({ x: tf.clone(batch.x), y: tf.clone(batch.y) }));
  const end = await train(step, step.start(params, null, key(0)), batches);
  expect((await loss(end.params, batch).data())[0]).toBeLessThan(0.05 * ((await value.data())[0] as number));
  // The first use of the native engine on a machine may compile it.
}, 300_000);
