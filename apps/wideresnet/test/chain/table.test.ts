import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import * as transforms from '@steppe/transforms';
import { dispose, leaves, replace } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/chain/entry.ts';
import { notLinks } from '../../src/chain/not-links.ts';
import { tables } from '../../src/chain/table.ts';
import type { Written, WrittenChain } from '../../src/chain/written.ts';
import { presets } from '../../src/options/presets/presets.ts';
import { exampleLosses, trainingLoss } from '../../src/run/network.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';
import { dense, denseParams, images, kept, read } from '../support/chains.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const names = Object.keys({ ...tables.link, ...tables.radius });

test('everything that the package exports can be reached, or it is said why not', () => {
  const exported = Object.entries(transforms).filter(([, value]) => typeof value === 'function');
  const ofOthers = ['allReduceMean'];
  expect([...names, ...Object.keys(notLinks)].sort()).toEqual([...exported.map(([name]) => name), ...ofOthers].sort());
});

test('no option has the name of a link or of a schedule, so that either may stand in the place of the options', () => {
  const options = Object.values({ ...tables.link, ...tables.radius }).flatMap(({ takes }) => Object.keys(takes));
  expect(options.filter((option) => names.includes(option) && option !== 'warmup')).toEqual([]);
});

const optimizerOf = (chain: WrittenChain, steps: number) =>
  makeOptimizer({ ...presets['fashion-mini'], chain }, steps, exampleLosses(dense, { 'label-smoothing': 0.1 }));

/** A chain around the example, which ends with a step downhill. */
function completed(name: string, example: Written): WrittenChain {
  if (name in tables.radius) return read([{ gsam: { rho: { [name]: example }, alpha: 0 } }, { sgd: 0.1 }]);
  if (name === 'averageWeights') return read([{ sgd: 0.1 }, { [name]: example }]);
  try {
    const alone = read([{ [name]: example }]);
    optimizerOf(alone, 2);
    return alone;
  } catch {
    return read([{ [name]: example }, { sgd: 0.1 }]);
  }
}

/** The same options with all that are left out as the table says that they are then. */
function filled(name: string, { takes, example }: Entry<unknown>): Written {
  const rest = Object.entries(takes).flatMap(([option, { otherwise }]) =>
    otherwise === undefined ? [] : [[option, otherwise]],
  );
  return { ...Object.fromEntries(rest), ...kept(name, example, name in tables.radius ? 'radius' : 'link') };
}

/** Trains the tiny network with a chain, and gives all weights and what a step costs. */
function trained(chain: WrittenChain, steps: number): { readonly weights: readonly number[]; readonly cost: number } {
  const step = trainStep(trainingLoss(dense, { 'label-smoothing': 0.1 }), optimizerOf(chain, steps));
  const [params, batch] = [denseParams(), images()];
  let position = step.start(params, null, key(1));
  for (let i = 0; i < steps; i++) position = replace(position, (from) => step.update(from, batch).position);
  const weights = leaves(position.params).flatMap(({ leaf }) => [...leaf.dataSync()]);
  dispose(params, batch, position);
  return { weights, cost: step.gradientCost };
}

const entries: readonly (readonly [string, Entry<unknown>])[] = Object.entries({ ...tables.link, ...tables.radius });

describe('the example of', () => {
  test.each(entries.map(([name, entry]) => ({ name, entry })))(
    '$name trains, leaves no tensor, and its options are by default what the table says',
    ({ name, entry }) => {
      // Slow weights move at every fifth step.
      const steps = name === 'lookahead' ? 6 : 2;
      const before = tf.memory().numTensors;
      const given = trained(completed(name, entry.example), steps);
      expect(tf.memory().numTensors).toBe(before);
      expect(given.weights.every(Number.isFinite)).toBe(true);
      const start = denseParams();
      expect(given.weights).not.toEqual(leaves(start).flatMap(({ leaf }) => [...leaf.dataSync()]));
      dispose(start);
      expect(trained(completed(name, filled(name, entry)), steps)).toEqual(given);
    },
  );
});
