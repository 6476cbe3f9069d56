import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { innerMaximum, mSharpness, samCertificate, theorem2Bound, theorem2Text } from '../../src/index.ts';
import { type Batch, loss, type Params, reference, referenceBatches, referenceParams } from '../support/network.ts';

let params: Params;
let batches: Batch[];
beforeAll(async () => {
  await tf.setBackend('cpu');
  params = referenceParams();
  batches = referenceBatches(12);
});
afterAll(() => tf.dispose([params, batches]));

const { rho } = reference;

test('the certificate has the cosine of the first-order and the exact gradient, which PyTorch differentiates', async () => {
  for (const [name, wanted] of Object.entries(reference.certificate)) {
    const p = Number(name);
    const { entries, gradients, products } = await samCertificate(loss, params, batches, { rho, p, order: 2 });
    for (const [entry, value] of Object.entries(wanted))
      expect([name, entry, entries[entry]?.value]).toEqual([name, entry, expect.closeTo(value, 4)]);
    expect([gradients, products]).toEqual([2, 1]);
  }
});

test('a certificate over batches is the mean of theirs, by their sizes, with its standard error', async () => {
  const uneven = referenceBatches(8);
  const alone = await Promise.all(uneven.map((batch) => samCertificate(loss, params, [batch], { rho })));
  const { entries } = await samCertificate(loss, params, uneven, { rho });
  const [a, b] = alone.map(({ entries: e }) => e.gradientCosine?.value as number) as [number, number];
  expect(entries.gradientCosine?.value).toBeCloseTo((8 * a + 4 * b) / 12, 6);
  expect(entries.gradientCosine?.standardError).toBeGreaterThan(0);
  expect(alone[0]?.entries.gradientCosine?.standardError).toBe(null);
  tf.dispose(uneven);
});

test('SAM’s step reaches the part of the inner maximum that a search of another kind says', async () => {
  const { step, maximum, promised, reached } = await innerMaximum(loss, params, batches, { rho });
  const sam = reference.sam['2']?.plain;
  const worst = reference.worst['2']?.plain as number;
  expect(step.value).toBeCloseTo(sam?.value as number, 5);
  expect(promised.value).toBeCloseTo(sam?.promised as number, 5);
  expect(maximum.value / worst).toBeCloseTo(1, 2);
  expect(reached).toBeCloseTo((sam?.value as number) / worst, 2);
});

test('m-sharpness is by shards of any size, and the cost of each size is a gradient and a loss', async () => {
  const { points, gradients, losses } = await mSharpness(loss, params, batches, { rho, sizes: [1, 5, 6, 12, 100] });
  const [first, second] = reference.samByHalves as readonly [number, number];
  expect(points.map(({ m }) => m)).toEqual([1, 5, 6, 12, 100]);
  expect(points[2]?.value).toBeCloseTo((first + second) / 2, 5);
  expect(points[3]?.value).toBeCloseTo(reference.sam['2']?.plain.value as number, 5);
  expect(points[4]?.value).toBe(points[3]?.value);
  expect(points[0]?.value).toBeGreaterThan(points[2]?.value as number);
  expect([gradients, losses]).toEqual([5, 5]);
});

test('Theorem 2 has every term of the formula, and the word vacuous where it is above 1', () => {
  const many = { worstLoss: 0.1, norm: 30, rho: 0.05, examples: 60_000, parameters: 77_850 };
  const few = { worstLoss: 0.02, norm: 1, rho: 0.5, examples: 50_000, parameters: 10, delta: 0.01 };
  const [large, small] = [theorem2Bound(many), theorem2Bound(few)];
  for (const [found, wanted] of [
    [large, reference.bound],
    [small, reference.boundOfFew],
  ] as const)
    for (const [term, value] of Object.entries(wanted)) expect(found[term as 'value'] / value, term).toBeCloseTo(1, 9);
  expect([large.vacuous, small.vacuous]).toEqual([true, false]);
  expect(theorem2Text(large).join('\n')).toContain('vacuous');
  expect(theorem2Text(small).join('\n')).not.toContain('vacuous');
  expect(() => theorem2Bound({ ...many, delta: 1 })).toThrow('delta must be in (0, 1), got 1.');
});
