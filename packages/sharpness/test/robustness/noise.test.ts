import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { noiseCurve, pacBayesSigma } from '../../src/index.ts';
import { type Batch, logits, loss, type Params, referenceBatches, referenceParams } from '../support/network.ts';

type Found = { readonly sigma: number; readonly slope: number; readonly deviation: number };

/** Of `tools/vectors/sharpness-noise.py`, in float64, by 20,000 draws of its own. */
const reference: {
  readonly plain: Found;
  readonly magnitude: Found;
  readonly levels: { readonly [level: string]: { readonly value: number; readonly deviation: number } };
} = JSON.parse(readFileSync(new URL('../fixtures/noise.json', import.meta.url), 'utf8'));

beforeAll(() => tf.setBackend('cpu'));

test.each([
  ['plain', {}],
  ['magnitude', { magnitude: 1e-3 }],
] as const)(
  'σ is where a tenth of the answers change, within the errors of its draws: %s noise',
  async (kind, options) => {
    const params = referenceParams();
    const own = referenceBatches(12).map(({ x, y }): Batch => {
      // Labels have no part in logits.
      y.dispose();
      return { x, y: tf.tidy(() => tf.argMax(logits(params, { x, y }), 1)) };
    });
    const accuracy = (w: Params, batch: Batch) =>
      tf.mean(tf.cast(tf.equal(tf.argMax(logits(w, batch), 1), batch.y), 'float32'));
    const samples = 40;
    const tolerance = 0.005;
    const { sigma, slope, deviation } = reference[kind];
    const found = await pacBayesSigma(accuracy, params, own, { samples, tolerance, ...options });
    expect(found.accuracy).toBe(1);
    expect(found.reached).toBe(true);
    const error = deviation / Math.sqrt(samples);
    expect(Math.abs(found.sigma - sigma) * slope).toBeLessThan(3.5 * error + tolerance);
    expect((found.standardError as number) / error).toBeCloseTo(1, 0);
    tf.dispose([params, own]);
  },
);

test('the loss under noise in proportion to each tensor is that of the reference, within the errors of its draws', async () => {
  const [params, batches] = [referenceParams(), referenceBatches(5)];
  const samples = 100;
  const levels = Object.keys(reference.levels).map(Number);
  const { points } = await noiseCurve(loss, params, batches, { levels, samples });
  for (const { level, value, standardError } of points) {
    const wanted = reference.levels[level];
    const error = (wanted?.deviation as number) / Math.sqrt(samples);
    expect(Math.abs(value - (wanted?.value as number))).toBeLessThan(3.5 * error);
    expect((standardError as number) / error).toBeCloseTo(1, 0);
  }
  tf.dispose([params, batches]);
});
