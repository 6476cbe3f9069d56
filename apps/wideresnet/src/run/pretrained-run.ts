import { deserialize, dispose, map2, pure } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './best-weights.ts';
import type { Pretrained } from './pretrained.ts';

/** The classifier at the end of every network of the table. */
const head = /^\.params\.dense\./;

/**
 * Takes the weights that a run of `steppe train` left; a classifier for other classes stays the fresh one.
 *
 * @returns The caller's.
 * @throws When they are those of another network, with the path.
 */
export async function weightsOfRun(
  bytes: Uint8Array,
  { params, state }: Weights,
): Promise<{ readonly weights: Weights; readonly head: Pretrained['head'] }> {
  const { tree } = await deserialize(bytes);
  let replaced = false;
  try {
    const weights = pure(() =>
      map2<Weights>({ params, state }, tree, (fresh, saved, path) => {
        if (tf.util.arraysEqual(fresh.shape, saved.shape)) return tf.clone(saved);
        if (!head.test(path)) throw new Error(`"${path}" is [${saved.shape}] there, not [${fresh.shape}].`);
        replaced = true;
        return tf.clone(fresh);
      }),
    );
    return { weights, head: replaced ? 'replaced' : 'loaded' };
  } finally {
    dispose(tree);
  }
}
