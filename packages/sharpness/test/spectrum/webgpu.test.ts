import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { averageSharpness, rhoCurve, samSharpness } from '../../src/index.ts';
import { loss, reference, referenceBatches, referenceParams } from '../support/network.ts';
import { apart, spectrumOf } from '../support/normalized-network.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));
afterAll(async () => void (await useBackend('cpu')));

test.skipIf(reason)(`eigenvalues and trace on WebGPU are those of the CPU${reason && `: ${reason}`}`, async () => {
  // A renderer on the processor takes long for a product.
  const products = 4;
  await useBackend('cpu');
  const wanted = await spectrumOf(true, products);
  await useBackend('webgpu');
  const before = tf.memory().numTensors;
  expect(apart(await spectrumOf(true, products), wanted)).toBeLessThan(1e-4);
  expect(tf.memory().numTensors).toBe(before);
});

test.skipIf(reason)(`the loss around the weights rises on WebGPU as in float64${reason && `: ${reason}`}`, async () => {
  await useBackend('webgpu');
  const before = tf.memory().numTensors;
  const [params, batches] = [referenceParams(), referenceBatches(12)];
  const { rho } = reference;
  const wanted = reference.sam['2']?.plain;
  const sam = await samSharpness(loss, params, batches, { rho });
  expect(sam.value / (wanted?.value ?? Number.NaN)).toBeCloseTo(1, 3);
  expect(sam.promised / (wanted?.promised ?? Number.NaN)).toBeCloseTo(1, 3);
  const { points } = await rhoCurve(loss, params, batches, { rhos: [rho, 1e-9] });
  expect(points[0]?.rise).toBeCloseTo(sam.value, 5);
  expect(Math.abs(points[1]?.rise ?? Number.NaN)).toBeLessThanOrEqual(points[1]?.resolution ?? Number.NaN);
  const average = await averageSharpness(loss, params, batches, { rho: 0.2, samples: 4 });
  const { value, deviation } = reference.average.plain;
  expect(Math.abs(average.value - value)).toBeLessThan((3.5 * deviation) / 2);
  tf.dispose([params, batches]);
  expect(tf.memory().numTensors).toBe(before);
});
