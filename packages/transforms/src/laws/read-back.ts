import * as tf from '@tensorflow/tfjs-core';
import { type Law, law } from './law.ts';
import { gradient } from './problem.ts';

/** Runs some work and gives the first attempt in it to read from the device, as an error that knows the place. */
function readIn(work: () => void): Error | undefined {
  const engine = tf.engine();
  const { read, readSync } = engine;
  let found: Error | undefined;
  const note = () => {
    found ??= new Error('an update reads a tensor back, which stalls the device: compute with tensors, as tf.where');
  };
  Object.assign(engine, {
    read: (id: object) => {
      note();
      return read.call(engine, id);
    },
    readSync: (id: object) => {
      note();
      return readSync.call(engine, id);
    },
  });
  try {
    work();
  } finally {
    Object.assign(engine, { read, readSync });
  }
  return found;
}

/** Speed: a step never waits for the device. */
export const readsNothing: Law = law('reads nothing back from the device', async ({ link, params, batch }) => {
  const found = readIn(() => {
    const [, state] = link.update(gradient, link.init(params), params, batch);
    link.update(gradient, state, params, batch);
  });
  if (found) throw found;
});
