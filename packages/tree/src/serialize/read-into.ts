import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { dispose } from '../ownership.ts';
import { bytesOf, type Entry } from './header.ts';

/** The typed arrays that hold the numbers of saved tensors. */
export const ARRAYS: {
  readonly float32: typeof Float32Array;
  readonly int32: typeof Int32Array;
  readonly bool: typeof Uint8Array;
} = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Reads a tensor's bytes as they are: a typed array of its own type is never converted, which could change a NaN. */
async function bytesIn(leaf: Tensor): Promise<Uint8Array> {
  const dtype = leaf.dtype as Entry['dtype'];
  const values = await leaf.data();
  const { buffer, byteOffset, byteLength } = values instanceof ARRAYS[dtype] ? values : new ARRAYS[dtype](values);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads tensors one after another into the data of a file; they may be freed once the promise is there. */
export async function readInto(data: Uint8Array, tensors: readonly Tensor[]): Promise<void> {
  // Reading back takes its time: the copies stay when the caller frees the tree meanwhile.
  const copies = tf.tidy(() => tensors.map((leaf) => tf.clone(leaf))).map((leaf) => tf.keep(leaf));
  try {
    let at = 0;
    await Promise.all(
      copies.map((leaf) => {
        const begin = at;
        at += leaf.size * (bytesOf(leaf.dtype) ?? 0);
        return bytesIn(leaf).then((bytes) => data.set(bytes, begin));
      }),
    );
  } finally {
    dispose(copies);
  }
}
