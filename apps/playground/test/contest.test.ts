import { useBackend } from '@steppe/backends';
import { slice } from '@steppe/datasets';
import { key } from '@steppe/random';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { positions } from '../src/positions.ts';
import { radiusFor, WEIGHTS } from '../src/radius.ts';
import { defaults } from '../src/settings.ts';
import { contest, type Measurement } from '../src/training/contest.ts';
import { network } from '../src/training/network.ts';
import { images } from './support/shipped.ts';

const { train, test: held } = images();
const few = { train: slice(train, 0, 32), test: slice(held, 0, 20) };
const settings = { ...defaults, batch: 8, m: 4, rho: 0.1 };

beforeAll(async () => void (await useBackend('wasm')));

test('the radii reckon with as many weights as the network has', () => {
  const { params, state } = network.init(key(0), train.shape);
  expect(size(params)).toBe(WEIGHTS);
  dispose(params, state);
});

describe('the contest of SGD and SAM', () => {
  test('starts both from the same weights on the same batch; from then on they differ', async () => {
    const { step, dispose } = await contest(settings, few);
    const first = await step();
    expect(first).toMatchObject({ step: 1 });
    expect(first.loss.sgd).toBe(first.loss.sam);
    const second = await step();
    expect(second.loss.sgd).not.toBe(second.loss.sam);
    dispose();
  });

  test('is one run twice at radius 0, where the line between the two is level', async () => {
    const { step, measure, dispose } = await contest({ ...settings, rho: 0 }, few);
    for (let i = 0; i < 3; i++) {
      const { loss } = await step();
      expect(loss.sgd).toBe(loss.sam);
    }
    const { accuracy, sharpness, line } = await measure();
    expect(accuracy.sgd).toBe(accuracy.sam);
    expect(sharpness).toEqual({ sgd: 0, sam: 0 });
    expect(new Set(line).size).toBe(1);
    dispose();
  });

  test('finds the ball around the start rising, equally for both, and another ball for another p', async () => {
    const rises: number[] = [];
    for (const p of [1, 2, Number.POSITIVE_INFINITY]) {
      const { measure, dispose } = await contest({ ...settings, p, rho: 0.001 }, few);
      const { sharpness, line } = await measure();
      expect(sharpness.sgd).toBe(sharpness.sam);
      expect(sharpness.sgd).toBeGreaterThan(0);
      expect(line).toHaveLength(positions.length);
      rises.push(sharpness.sgd);
      dispose();
    }
    // Of balls of one radius, that of p = ∞ holds that of p = 2, which holds that of p = 1.
    expect(rises).toEqual([...rises].sort((a, b) => a - b));
  });

  test('learns from labels of which a share is wrong, and is tested with right ones', async () => {
    const lossOf = async (noise: number): Promise<readonly [number, Measurement]> => {
      const { step, measure, dispose } = await contest({ ...settings, noise }, few);
      const { loss } = await step();
      const measurement = await measure();
      dispose();
      return [loss.sgd, measurement];
    };
    const [clean, atClean] = await lossOf(0);
    const [noisy, atNoisy] = await lossOf(0.9);
    expect(noisy).not.toBe(clean);
    expect(atNoisy.step).toBe(atClean.step);
    expect((await lossOf(0.9))[0]).toBe(noisy);
  });

  test('warns of a perturbation that is longer than the weights, and of no other', async () => {
    const warningsOf = async (rho: number, p: number): Promise<readonly string[]> => {
      const { warnings, dispose } = await contest({ ...settings, rho, p }, few);
      dispose();
      return warnings;
    };
    const [warning] = await warningsOf(0.2, Number.POSITIVE_INFINITY);
    expect(warning).toMatch(/^With ρ = 0\.2 and p = ∞, ε̂ is 56 long and the weights are \d+: .* Take ρ = 0\.00072/);
    for (const p of [1, 4 / 3, 2, 4, Number.POSITIVE_INFINITY])
      expect(await warningsOf(radiusFor(0.2, 2, p), p)).toEqual([]);
  });

  test('repeats itself for a seed, and not for another', async () => {
    const lossesOf = async (seed: number): Promise<readonly number[]> => {
      const { step, dispose } = await contest({ ...settings, seed }, few);
      const losses = [await step(), await step()].map(({ loss }) => loss.sam);
      dispose();
      return losses;
    };
    const once = await lossesOf(3);
    expect(await lossesOf(3)).toEqual(once);
    expect(await lossesOf(4)).not.toEqual(once);
  });

  test('holds as many tensors after each step and measurement as before, and none at its end', async () => {
    const before = tf.memory().numTensors;
    const { step, measure, dispose } = await contest(settings, few);
    await step();
    await measure();
    const held = tf.memory().numTensors;
    await step();
    await measure();
    expect(tf.memory().numTensors).toBe(held);
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('says so when a loss is no number any more, with the remedy', async () => {
    const { step, dispose } = await contest({ ...settings, learningRate: 1e30 }, few);
    await expect(async () => {
      for (let i = 0; i < 5; i++) await step();
    }).rejects.toThrow(/^SGD diverged at step \d \(its loss is (NaN|Infinity)\): take a smaller learning rate or ρ\.$/);
    dispose();
  });
});
