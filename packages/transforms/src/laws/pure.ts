import { leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { type Law, law } from './law.ts';
import { gradient } from './problem.ts';
import { expectSame, plain, seen } from './seen.ts';

/** Purity: what a link does depends on its arguments alone, and it touches nothing but what it gives back. */
export const isPure: Law = law(
  'gives the same bits twice, keeps its inputs, and leaves nothing but results that are its own',
  async ({ link, params, batch }) => {
    const before = tf.memory().numTensors;
    const state = link.init(params);
    const inputs = [params, batch, state];
    const [snapshot, outline] = [await seen(inputs), plain(inputs)];

    const results = link.update(gradient, state, params, batch);
    expectSame('an input after the update', await seen(inputs), snapshot);
    const again = link.update(gradient, state, params, batch);
    expectSame('what the second of two equal updates gives', await seen(again), await seen(results));
    expectSame('the plain data that it gives', [plain(again)], [plain(results)]);
    expectSame('the plain data of the inputs', [plain(inputs)], [outline]);

    const ids = leaves([...inputs, results, again, link.init(params)]).map(({ leaf }) => leaf.id);
    const known = new Set(ids).size;
    if (known !== ids.length)
      throw new Error(
        'a tensor stands in two places of its inputs and results, and whoever frees one frees the other: make the link by transformation, stateless or stateful',
      );
    const left = tf.memory().numTensors - before - known + leaves([params, batch]).length;
    if (left !== 0)
      throw new Error(`two updates leave ${left} tensors beside their results: make the link by transformation`);
  },
);
