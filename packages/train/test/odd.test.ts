import '@tensorflow/tfjs';
import { key } from '@steppe/random';
import { chain, samTransform, scale } from '@steppe/transforms';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { type Meant, oddFaults, testOddCalls } from '../../../tools/vitest/odd.ts';
import * as training from '../src/index.ts';

type Batch = { readonly x: tf.Tensor };
const loss = (w: tf.Tensor, state: null, batch: Batch | undefined) => {
  // The loss is the user's: what it makes of odd parameters and batches is not in question.
  const x = batch?.x instanceof tf.Tensor ? batch.x : 1;
  const value = tf.sum(tf.square(tf.mul(w instanceof tf.Tensor ? w : 1, x))).asScalar();
  return [value, { state, metrics: {} }] as const;
};
const pair = () => tf.tensor1d([1, 2]);
const batch = () => ({ x: pair() });
const one = () => tf.scalar(1);
const optimizer = chain(samTransform(0.1), scale(-0.1));
const measure = ({ x }: Batch) => ({ loss: tf.sum(x).asScalar() });
/** Batches that are made when they are asked for, and are then freed by who asked. */
function* lazily(): Generator<Batch> {
  yield batch();
}
const measured = { loss: 1, examples: 2 };
const read = { loss: 1, metrics: {}, report: {} };
const report = () => ({ loss: one(), metrics: { error: one() }, report: { rho: one() } });
const record = training.stepRecord(read, { step: 1, epoch: 1, gradientEvaluations: 1, seconds: 1 });
const step = training.trainStep(loss, optimizer);
const start = () => step.start(tf.tensor1d([1, 2]), null, key(0));

/** Arguments that each export takes. */
const args: { readonly [name: string]: Meant['args'] } = {
  changeRecord: () => [{ step: 1, changes: { rho: [1, 2] } }],
  checkSkips: () => [{ report: { skippedInARow: 1, skipLimit: 2, nonFiniteLeaf: 0 } }, pair()],
  evaluate: () => [measure, lazily(), { weight: () => one() }],
  evaluationRecord: () => [measured, { step: 1, epoch: 1, split: 'test', timestamp: 0 }],
  parseRecord: () => ['{"schema":1}'],
  printRecord: () => [record],
  readReport: () => [report()],
  readScalars: () => [{ loss: one() }],
  reduceOnPlateau: () => [{ factor: 0.1, patience: 1, threshold: 0.1, thresholdMode: 'relative', mode: 'min' }],
  reestimateState: () => [(state: tf.Tensor) => tf.add(state, 1), one(), lazily()],
  replayed: () => [(x: tf.Tensor) => tf.neg(x), { warn: () => undefined }],
  stepRecord: () => [read, { step: 1, epoch: 1, gradientEvaluations: 1, seconds: 1, timestamp: 0 }],
  train: () => [
    step,
    start(),
    lazily(),
    () => undefined,
    { accumulate: 1, redoNonFinite: { limit: 1 }, capture: { warn: () => undefined } },
  ],
  trainStep: () => [loss, optimizer],
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});

testOddCalls(training, args);

test('A step works or says in one line what it needs', async () => {
  const made = Object.entries({
    start: { call: step.start, args: () => [pair(), null, key(0)] },
    update: { call: step.update, args: () => [start(), batch(), () => undefined] },
  });
  for (const [name, { call, args }] of made) expect(await oddFaults({ name, call, args })).toEqual([]);
});
