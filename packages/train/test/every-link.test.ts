import { join } from 'node:path';
import { key } from '@steppe/random';
import { applyUpdates } from '@steppe/transforms';
import { dispose, norm, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { batchOf, gradient } from '../../transforms/test/support/gradients.ts';
import { type Link, registry, secondOrder } from '../../transforms/test/support/registry.ts';
import type { Position } from '../src/index.ts';
import { loadTree, saveTree } from '../src/node.ts';
import { folder } from './support/folder.ts';
import { numbers } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

type At = Position<Tree, Tree, Tree>;

/** Longer than the longest phase of them, in which every sixth step is another one. */
const steps = 7;

/** Trains some steps, on another batch each; gives the bits of the position after each of them. */
async function run(link: Link, between: (at: At) => Promise<At> = async (at) => at): Promise<readonly unknown[]> {
  const params: Tree = { kernel: tf.tensor2d([1, -2, 0.5, 3], [2, 2]), head: [tf.tensor1d([-1, 0, 2])] };
  let at: At = { step: 0, params, state: null, optimizer: link.init(params), key: key(3) };
  const bits: unknown[] = [];
  while (at.step < steps) {
    const batch = batchOf([0.5, -1, 2, 0.25, 1.25 + at.step]);
    const [evaluation, optimizer] = link.update(gradient, at.optimizer, at.params, batch);
    const next = { ...at, step: at.step + 1, params: applyUpdates(at.params, evaluation.grads), optimizer };
    dispose(evaluation, batch, at);
    bits.push(
      numbers(next),
      JSON.stringify(next, (_, value) => (value instanceof tf.Tensor ? value.shape : value)),
    );
    at = await between(next);
  }
  dispose(at);
  return bits;
}

/** Killed after one step, and gone on with from the file that it left. */
const killedAfter =
  (step: number, file: string) =>
  async (at: At): Promise<At> => {
    if (at.step !== step) return at;
    await saveTree(file, at);
    dispose(at);
    return (await loadTree(file)).tree as At;
  };

/** Refuses what `redoNonFinite` would take for a fault. */
async function finite(at: At): Promise<At> {
  const { params, optimizer } = at;
  const largest = norm([params, optimizer], Number.POSITIVE_INFINITY);
  expect(Number.isFinite(largest.dataSync()[0])).toBe(true);
  largest.dispose();
  return at;
}

// That a state is data after each of three steps is a law; this is the file, and phases that are longer.
describe('a training goes on from its saved position, whatever its phase, bit for bit, with finite numbers', () => {
  const last = Object.entries(registry).flatMap(([name, links]) => links.slice(-1).map((link) => ({ name, link })));
  const all = [...last, ...secondOrder.map((link, i) => ({ name: `order 2 (${i + 1})`, link }))];
  test.each(all.map((one, i) => ({ ...one, step: 1 + (i % (steps - 1)) })))('$name', async ({ link, step }) => {
    const before = tf.memory().numTensors;
    const killed = await run(link, killedAfter(step, join(folder(), 'position.safetensors')));
    expect(killed).toStrictEqual(await run(link, finite));
    expect(tf.memory().numTensors).toBe(before);
  });
});
