import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { onWasm } from '../../../tools/vitest/wasm.ts';
import { accuracy, softmaxCrossEntropy, wideResNet } from '../src/index.ts';

/** Everything that a step computes forward, as one row of numbers. */
function run(training: boolean): readonly number[] {
  const model = wideResNet({ depth: 10, width: 2, classes: 10, dropout: 0.2, activation: 'silu' });
  const { params, state } = model.init(key(0), [8, 8, 3]);
  const images = normal<tf.Rank.R4>(key(1), [4, 8, 8, 3]);
  const labels = tf.tensor1d([0, 3, 9, 5], 'int32');
  const [logits, next] = model.apply(params, state, images, { training, key: key(2) });
  const loss = softmaxCrossEntropy(logits, labels, { smoothing: 0.1 });
  return [logits, loss, accuracy(logits, labels), next.norm.variance].flatMap((x) => [...x.dataSync()]);
}

test.each([true, false])('WASM gives what the CPU backend gives, dropout included; training: %s', async (training) => {
  const cpu = run(training);
  const wasm = await onWasm(() => run(training));
  for (const [i, value] of wasm.entries()) expect(value).toBeCloseTo(cpu[i]!, 4);
});
