import { checkNumber, nonNegative } from '@steppe/check';
import * as tf from '@tensorflow/tfjs-core';
import { checkLink } from '../links/check-link.ts';
import type { LawLink } from './law.ts';
import { plant, rich } from './plans.ts';
import { batchOf, gradient } from './problem.ts';

/** Refuses what no law can say anything about: no link, one without a cost, or no backend to compute on. */
export function checkReady(link: LawLink): void {
  checkLink('link', link);
  checkNumber('gradientCost of the link', link.gradientCost, nonNegative);
  if (tf.engine().backendNames().length === 0)
    throw new Error("TensorFlow.js has no backend to compute on: import '@tensorflow/tfjs' before the laws.");
}

/** Refuses a link that makes its caller wait, by one update; what else is wrong with it the laws say. */
export function checkSynchronous(link: LawLink): void {
  const refuse = (member: string, result: unknown): void => {
    if (!(result instanceof Promise)) return;
    result.catch(() => {});
    throw new Error(`${member} of the link must give its result at once, got a promise: write it without async.`);
  };
  tf.tidy(() => {
    const params = plant(rich);
    const tried = <T>(work: () => T): T | undefined => {
      try {
        return work();
      } catch {
        return undefined;
      }
    };
    const state = tried(() => link.init(params));
    refuse('init', state);
    if (state === undefined) return;
    refuse(
      'update',
      tried(() => link.update(gradient, state, params, batchOf([0.5, -1]))),
    );
  });
}
