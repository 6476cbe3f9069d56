import { fc, test } from '@fast-check/vitest';
import { normalizations, type Split } from '@steppe/datasets';
import type { NamedDataset } from '@steppe/datasets/node';
import { gradientsOver } from '@steppe/transforms';
import { describe, expect } from 'vitest';
import { presets } from '../../src/options/presets/presets.ts';
import { follow } from '../../src/report/pace.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';
import { makePlan, makePlans } from '../../src/run/plan.ts';

const options = presets['fashion-mini'];

function dataOf(examples: number) {
  const split: Split = {
    images: new Uint8Array(examples),
    labels: new Uint8Array(examples),
    shape: [1, 1, 1],
    normalization: normalizations.mnist,
  };
  const dataset: NamedDataset = {
    name: 'mnist',
    source: 'this test',
    classes: ['dot'],
    shape: split.shape,
    train: split,
    test: split,
  };
  return { dataset, sha256: '' };
}

describe('a plan', () => {
  test('leaves out the last batch when it is not full', () => {
    expect(makePlan({ ...options, batch: 32, epochs: 3 }, dataOf(100))).toMatchObject({ stepsPerEpoch: 3, steps: 9 });
  });

  test('refuses a batch of more images than there are', () => {
    expect(() => makePlan({ ...options, batch: 101 }, dataOf(100))).toThrow(
      expect.objectContaining({
        message: '--batch must be at most the 100 training images in use, got 101.',
        code: 64,
      }),
    );
  });

  test('is named after its method', () => {
    const name = (changes: object) => makePlan({ ...options, ...changes }, dataOf(100)).name;
    expect([name({}), name({ rho: 0 }), name({ optimizer: 'adamw' }), name({ rho: 0, optimizer: 'adam' })]).toEqual([
      'SAM',
      'SGD',
      'SAM + AdamW',
      'Adam',
    ]);
  });

  test.prop([fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 200 })])(
    'of a comparison spends as many gradient evaluations without SAM',
    (epochs, batch) => {
      const plans = makePlans({ ...options, epochs, batch, compare: 'sgd' }, dataOf(200));
      const costs = plans.map(({ options, steps }) => gradientsOver(makeOptimizer(options, steps), steps));
      expect(costs).toHaveLength(2);
      expect(costs[0]).toBe(costs[1]);
    },
  );

  test('of late SAM gives its rival as many gradients as the tail leaves', () => {
    const [late, rival] = makePlans({ ...options, epochs: 4, batch: 20, compare: 'sgd', 'sam-tail': 0.3 }, dataOf(200));
    expect(late).toMatchObject({ name: 'Late SAM', steps: 40 });
    // 28 steps of one gradient and 12 of two; no whole number of epochs.
    expect(rival).toMatchObject({ name: 'SGD', steps: 52, epochs: 6, options: { steps: 52, rho: 0 } });
    expect(rival?.options).not.toHaveProperty('sam-tail');
    expect(rival?.options.epochs).toBeUndefined();
  });

  test('is evaluated after each epoch, or after some', () => {
    const every = (epochs?: number) =>
      makePlan({ ...options, batch: 10, ...(epochs && { 'eval-every': epochs }) }, dataOf(100)).evaluateEvery;
    expect([every(), every(3)]).toEqual([10, 30]);
    // A few batches over and over are evaluated at the end.
    expect(makePlan({ ...options, batch: 10, overfit: 1 }, dataOf(10)).evaluateEvery).toBe(3);
  });

  test('is one run when nothing is compared', () => {
    expect(makePlans(options, dataOf(100))).toHaveLength(1);
  });
});

describe('the pace of a run', () => {
  const step = (at: number, loss: number) =>
    ({
      schema: 1,
      type: 'step',
      step: at,
      epoch: 1,
      loss,
      gradientEvaluations: 2 * at,
      seconds: at / 2,
      metrics: { accuracy: 0.5 },
    }) as const;

  test('says what is left at the speed so far', () => {
    const pace = follow(makePlan({ ...options, batch: 10, epochs: 1 }, dataOf(100)));
    expect(pace(step(4, 1))).toMatchObject({ imagesPerSecond: 20, secondsLeft: 3, epoch: '1/1' });
  });

  test('shows a constant loss as it is from the first step on, and averages one that is not', () => {
    const pace = follow(makePlan({ ...options, batch: 10, epochs: 1 }, dataOf(100)));
    expect(pace(step(1, 2)).loss).toBe('2.000');
    expect(pace(step(2, 2)).loss).toBe('2.000');
    expect(Number(pace(step(3, 1)).loss)).toBeGreaterThan(1);
    expect(pace(step(4, 1)).accuracy).toBeCloseTo(0.5);
  });
});
