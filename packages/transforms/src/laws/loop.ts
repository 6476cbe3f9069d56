import { deserialize, dispose, serialize, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { type Case, type Law, law } from './law.ts';
import { batchOf, gradient, XS } from './problem.ts';
import { expectSame, plain, type Seen, seen } from './seen.ts';

type At = { readonly w: Tree; readonly state: Tree };

/** A training of three steps, on another batch each, that frees the step before; with the bits after every step. */
async function train({ link, params }: Case, between: (at: At) => Promise<At>): Promise<Seen> {
  const found: string[] = [];
  let at: At = { w: params, state: link.init(params) };
  for (let step = 0; step < 3; step++) {
    const batch = batchOf(XS.map((x, i) => x + step * (i % 2)));
    const [evaluation, state] = link.update(gradient, at.state, at.w, batch);
    const moved = applyUpdates(at.w, evaluation.grads);
    dispose(evaluation, at.state, batch);
    if (at.w !== params) dispose(at.w);
    at = { w: moved, state };
    found.push(...(await seen(at)), plain(at));
    at = await between(at);
  }
  dispose(at.w, at.state);
  return found;
}

/** Purity in the long run. */
export const leaksNothing: Law = law('leaks nothing in a loop', async (at) => {
  const before = tf.memory().numTensors;
  await train(at, async (as) => as);
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`three steps leave ${left} tensors: make the link by transformation`);
});

/** States are data: a file holds all that the next step needs. */
export const resumes: Law = law('goes on from a state that was saved and restored, bit for bit', async (at) => {
  const restored = await train(at, async (before) => {
    const bytes = await serialize({ w: before.w, state: before.state });
    dispose(before.w, before.state);
    return (await deserialize(bytes)).tree as At;
  });
  expectSame('a step after it', restored, await train(at, async (before) => before));
});
