import { deserialize, dispose, serialize, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyUpdates } from '../src/index.ts';
import { type Batch, batchOf, gradient } from './support/gradients.ts';
import { instances, type Link, secondOrder } from './support/registry.ts';
import { bits, corners, type Plan, plant } from './support/trees.ts';

beforeAll(() => tf.setBackend('cpu'));

type At = { readonly w: Tree; readonly state: Tree };

const BATCHES = [
  [0.5, -1, 2, 0.25, 1.25],
  [1, 2, -0.5, 0.75, 1],
  [-1, 0.5, 3, 1.5, 0.25],
];

function step(link: Link, { w, state }: At, batch: Batch): At {
  const [evaluation, next] = link.update(gradient, state, w, batch);
  const moved = applyUpdates(w, evaluation.grads);
  dispose(evaluation, w, state);
  return { w: moved, state: next };
}

/** The bits of weights and state after every step, either as they come or saved and restored between any two. */
async function train(link: Link, saved: boolean): Promise<readonly string[][]> {
  const w = plant(corners[3] as Plan);
  let at: At = { w, state: link.init(w) };
  const seen: string[][] = [];
  for (const xs of BATCHES) {
    const batch = batchOf(xs);
    at = step(link, at, batch);
    dispose(batch);
    seen.push([...bits([at.w, at.state]), JSON.stringify(at, plain)]);
    if (!saved) continue;
    const bytes = await serialize({ w: at.w, state: at.state });
    dispose(at.w, at.state);
    const { tree } = await deserialize(bytes);
    at = tree as At;
  }
  dispose(at.w, at.state);
  return seen;
}

const plain = (_: string, value: unknown) => (value instanceof tf.Tensor ? 'tensor' : value);

describe('training from a restored state is the uninterrupted one, bit for bit', () => {
  const all = [...instances, ...secondOrder.map((link, i) => ({ name: `order 2 (${i + 1})`, link }))];
  test.each(all)('$name', async ({ link }) => {
    const before = tf.memory().numTensors;
    expect(await train(link, true)).toEqual(await train(link, false));
    expect(tf.memory().numTensors).toBe(before);
  });
});
