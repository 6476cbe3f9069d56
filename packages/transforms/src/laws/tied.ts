import * as tf from '@tensorflow/tfjs-core';
import { type Law, law } from './law.ts';

/** Tied weights: steps would part them without a word. */
export const refusesTied: Law = law('refuses at init parameters in which one tensor stands twice', async ({ link }) => {
  const tied = tf.ones([2]);
  const before = tf.memory().numTensors;
  let message = 'nothing';
  try {
    link.init({ layers: [{ kernel: tied }, { bias: tied }], head: [tied, tied] });
  } catch (error) {
    message = String(error);
  }
  if (!message.includes('".layers[0].kernel" and ".layers[1].bias"'))
    throw new Error(
      `init says ${message} of a tensor that stands at ".layers[0].kernel" and ".layers[1].bias": make the link by transformation, or call checkParameters`,
    );
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`${left} tensors are left when init refuses`);
});
