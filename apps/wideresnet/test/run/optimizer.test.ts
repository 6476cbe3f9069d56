import { textOf } from '@steppe/transforms';
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/options/presets.ts';
import type { Options } from '../../src/options/table.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';

const chainOf = (changes: Partial<Options>): string =>
  textOf(makeOptimizer({ ...presets['cifar10-paper'], ...changes }, 100));

describe('the chain of a run', () => {
  test('is that of the paper: L2 in both passes, SAM, m-sharpness, clipping, Nesterov momentum, cosine', () => {
    expect(chainOf({})).toBe(
      'chain(addDecayedWeights(0.0005), samTransform(0.05, 2), microBatch(32), clipByGlobalNorm(5), trace(0.9, { nesterov: true }), scaleBySchedule(cosineDecay(-0.1, 100)))',
    );
  });

  test('leaves out the links that do nothing', () => {
    expect(chainOf({ rho: 0, clip: 0, 'weight-decay': 0, m: 256, optimizer: 'sgd' })).toBe(
      'chain(scaleBySchedule(cosineDecay(-0.1, 100)))',
    );
  });

  test('without SAM differs by that one link', () => {
    expect(chainOf({ rho: 0 })).toBe(chainOf({}).replace('samTransform(0.05, 2), ', ''));
  });

  test('adam has the L2 penalty in the loss, adamw decouples it', () => {
    const plain = { clip: 0, m: 256 } as const;
    expect(chainOf({ ...plain, optimizer: 'adam' })).toBe(
      'chain(addDecayedWeights(0.0005), samTransform(0.05, 2), scaleByAdam(), scaleBySchedule(cosineDecay(-0.1, 100)))',
    );
    expect(chainOf({ ...plain, optimizer: 'adamw' })).toBe(
      'chain(samTransform(0.05, 2), scaleByAdam(), addDecayedWeights(0.0005), scaleBySchedule(cosineDecay(-0.1, 100)))',
    );
  });

  test('has SAM in its tail alone where one is given', () => {
    expect(chainOf({ 'sam-tail': 0.3 })).toBe(
      chainOf({}).replace('samTransform(0.05, 2)', 'after(70, samTransform(0.05, 2))'),
    );
  });

  test('costs two gradients a step with SAM and one without', () => {
    const cost = (rho: number) => makeOptimizer({ ...presets.fashion, rho }, 10).gradientCost;
    expect([cost(0.05), cost(0)]).toEqual([2, 1]);
  });
});
