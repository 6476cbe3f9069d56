import { key } from '@steppe/random';
import { textOf } from '@steppe/transforms';
import { leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { presets } from '../../src/options/presets/presets.ts';
import type { Options } from '../../src/options/table.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';

const chainOf = (changes: Partial<Options>, steps = 100): string =>
  textOf(makeOptimizer({ ...presets['cifar10-paper'], ...changes }, steps));

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

  test('takes the images that share an ε̂ in parts where that is asked for: accumulation stands before SAM', () => {
    expect(chainOf({ accumulate: 4 })).toBe(chainOf({}).replace('chain(', 'chain(microBatch(8), '));
    expect(chainOf({ accumulate: 4, m: 256 })).toBe(chainOf({ m: 256 }).replace('chain(', 'chain(microBatch(64), '));
    expect(chainOf({ accumulate: 1 })).toBe(chainOf({}));
  });

  test('spares norms and biases from the decay, in the loss or behind it', () => {
    const spared = { 'decay-spares': 'norms-and-biases' } as const;
    const masked = 'masked(addDecayedWeights(0.0005), kernels())';
    expect(chainOf(spared)).toBe(chainOf({}).replace('addDecayedWeights(0.0005)', masked));
    const adamw = { optimizer: 'adamw' } as const;
    expect(chainOf({ ...adamw, ...spared })).toBe(chainOf(adamw).replace('addDecayedWeights(0.0005)', masked));
  });

  test('decays kernels alone where norms and biases are spared', () => {
    const params = { conv: { kernel: tf.ones([1, 1, 2, 2]) }, norm: { scale: tf.ones([2]), bias: tf.ones([2]) } };
    const optimizer = makeOptimizer(
      {
        ...presets['cifar10-paper'],
        rho: 0,
        clip: 0,
        m: 256,
        optimizer: 'sgd',
        lr: 1,
        'decay-spares': 'norms-and-biases',
      },
      100,
    );
    const gradient = (at: Tree) => ({ value: tf.scalar(0), grads: map(at, tf.zerosLike), aux: null });
    const batch = { images: tf.zeros<tf.Rank.R4>([1, 2, 2, 1]), labels: tf.tensor1d([0]) };
    const seen = { batch, key: key(0), state: null };
    const [{ grads }] = optimizer.update(gradient, optimizer.init(params), params, seen);
    const moved = leaves(grads).map(({ path, leaf }) => [path, leaf.dataSync()[0]]);
    expect(moved).toEqual([
      ['.conv.kernel', expect.closeTo(-5e-4, 8)],
      ['.norm.scale', expect.closeTo(0, 8)],
      ['.norm.bias', expect.closeTo(0, 8)],
    ]);
  });

  test('has the schedule that was asked for, its warm-up in steps or as a share', () => {
    expect(chainOf({ schedule: 'wsd', warmup: 0.1, cooldown: 0.3 })).toContain(
      'scaleBySchedule(warmupStableDecay(-0.1, 100, 0.3, { warmup: 10 }))',
    );
    expect(chainOf({ warmup: 20 })).toContain('scaleBySchedule(withWarmup(cosineDecay(-0.1, 80), 20))');
    expect(() => chainOf({ warmup: 100 })).toThrow(
      expect.objectContaining({
        message: '--warmup must end by step 99 of 100 with --schedule cosine, got 100 steps.',
        code: 64,
      }),
    );
    expect(() => chainOf({ schedule: 'wsd', warmup: 0.9 })).toThrow('--warmup must end by step 80 of 100');
  });

  test('averages at its end, over a part of the run whatever its length', () => {
    expect(chainOf({ average: 'ema' }, 39_000)).toMatch(
      /, averageWeights\({ decay: 0\.99949, start: 0, every: 1 }\)\)$/,
    );
    expect(chainOf({ average: 'ema' }, 10)).toContain('averageWeights({ decay: 0, ');
    expect(chainOf({ average: 'swa' })).toMatch(/, averageWeights\({ decay: 'equal', start: 75, every: 1 }\)\)$/);
  });

  test('holds what is frozen around all but an average at its end, which keeps it as it is', () => {
    const frozen = { freeze: 'stem', average: 'ema' } as const;
    expect(chainOf(frozen)).toBe(
      chainOf({ average: 'ema' }).replace(
        /chain\((.*), (averageWeights.*)\)$/,
        "chain(freeze(parts('stem'), chain($1)), $2)",
      ),
    );
    const chain = [{ sgd: { learningRate: 0.1 } }, { averageWeights: {} }];
    expect(chainOf({ freeze: 'stem', chain })).toMatch(
      /^chain\(freeze\(parts\('stem'\), .*\), averageWeights\(.*\)\)$/,
    );
    expect(chainOf({ freeze: 'stem', chain: chain.slice(0, 1) })).toMatch(/^chain\(freeze\(parts\('stem'\), .*\)\)$/);
  });

  test('costs two gradients a step with SAM and one without', () => {
    const cost = (rho: number) => makeOptimizer({ ...presets.fashion, rho }, 10).gradientCost;
    expect([cost(0.05), cost(0)]).toEqual([2, 1]);
  });
});
