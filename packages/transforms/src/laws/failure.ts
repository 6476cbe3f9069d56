import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientFn } from '../contract.ts';
import { type Law, law } from './law.ts';
import { gradient, type LawAux, type LawBatch } from './problem.ts';

type Failing = { readonly gradient: GradientFn<Tree, LawBatch, LawAux>; readonly calls: () => number };

/** A gradient function that throws at a call of it or of one of its products, counted from 1. */
function failingAt(bad: number, failure: Error): Failing {
  let calls = 0;
  const next = () => {
    calls += 1;
    if (calls === bad) throw failure;
  };
  const evaluate: Failing['gradient'] = (params, batch) => {
    next();
    return gradient(params, batch);
  };
  const hvp: Failing['gradient']['hvp'] = (params, batch, v) => {
    next();
    return gradient.hvp(params, batch, v);
  };
  const functional: Failing['gradient']['functional'] = (params, batch, cotangent) => {
    next();
    return gradient.functional(params, batch, cotangent);
  };
  return { gradient: Object.assign(evaluate, { ...gradient, hvp, functional }), calls: () => calls };
}

/** Purity in failure: a loop that catches the error goes on without a leak. */
export const failsClean: Law = law(
  'leaves nothing when the gradient function throws, at its first or at its last call, and passes the error on',
  async ({ link, params, batch }) => {
    const state = link.init(params);
    const sound = failingAt(0, new Error());
    link.update(sound.gradient, state, params, batch);
    for (const bad of new Set([1, sound.calls()])) {
      const failure = new Error('no gradient here');
      const before = tf.memory().numTensors;
      let caught: unknown;
      try {
        link.update(failingAt(bad, failure).gradient, state, params, batch);
      } catch (error) {
        caught = error;
      }
      if (caught !== failure)
        throw new Error(`the error of call ${bad} of the gradient function is not passed on`, { cause: caught });
      const left = tf.memory().numTensors - before;
      if (left !== 0)
        throw new Error(`${left} tensors are left when call ${bad} throws: make the link by transformation`);
    }
  },
);
