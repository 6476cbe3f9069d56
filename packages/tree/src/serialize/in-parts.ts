import type { Tensor } from '@tensorflow/tfjs-core';
import { type Leaf, leaves } from '../fold.ts';
import type { Tree } from '../tree.ts';
import { sealed, unsealed } from './digest.ts';
import { bytesOf, type Entry, printHeader } from './header.ts';
import { encode, type Plain } from './plain.ts';

/** The version of the format; a reader refuses what it does not know. */
export const FORMAT = '1';

/** A file of a tree before its bytes are read: first the header, then the tensors' values one after another. */
export type TreeParts = {
  readonly headerBytes: number;
  readonly dataBytes: number;
  /** The tree's own tensors in the order of the file; four bytes to a float32 or int32, one to a bool, little-endian. */
  readonly tensors: readonly Tensor[];
  /** Makes the header of the file whose data have this SHA-256, in hexadecimal. */
  readonly header: (dataSha256: string) => Promise<Uint8Array>;
};

/** Gives each tensor its place in the data, under its path: four-byte numbers first, so that all are aligned. */
export function layout(found: readonly Leaf[]): readonly { readonly entry: Entry; readonly leaf: Tensor }[] {
  const sized = found.map(({ path, leaf }) => {
    if (leaf.isDisposed) throw new Error(`The tensor at "${path}" is already freed: save the tree before that.`);
    const each = bytesOf(leaf.dtype);
    if (each === undefined)
      throw new Error(`Trees of float32, int32 and bool tensors are saved, got ${leaf.dtype} at "${path}": cast it.`);
    return { name: path, dtype: leaf.dtype as Entry['dtype'], shape: leaf.shape, leaf, each };
  });
  let begin = 0;
  return sized
    .toSorted((a, b) => b.each - a.each)
    .map(({ leaf, each, ...named }) => {
      const entry = { ...named, begin, end: begin + each * leaf.size };
      begin = entry.end;
      return { entry, leaf };
    });
}

/**
 * Lays out the file that `serialize` makes without reading a tensor, so that a large one is written piece by piece.
 *
 * The header stands before the data but holds their digest: write the data at `headerBytes`, hash them on the way, then
 * write the header at 0. The tensors are not copied: keep the tree until they are read.
 *
 * @param metadata - Plain data to keep beside the tree.
 * @throws When `serialize` would refuse the tree.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { serializeInParts } from '@steppe/tree';
 *
 * const { dataBytes, tensors } = serializeInParts({ mask: tf.tensor1d([1, 0, 1], 'bool'), w: tf.tensor1d([1, 2]) });
 * console.log(dataBytes, tensors.map(({ dtype }) => dtype)); // => 11 [ 'float32', 'bool' ]
 * ```
 */
export function serializeInParts(tree: Tree, metadata: Plain = null): TreeParts {
  const placed = layout(leaves(tree).map(({ path, leaf }) => ({ path: path || '.', leaf })));
  const header = {
    entries: placed.map(({ entry }) => entry),
    metadata: { steppe: FORMAT, tree: JSON.stringify(encode(tree)), metadata: JSON.stringify(encode(metadata)) },
  };
  return {
    headerBytes: printHeader(unsealed(header)).length,
    dataBytes: header.entries.at(-1)?.end ?? 0,
    tensors: placed.map(({ leaf }) => leaf),
    header: async (dataSha256) => printHeader(await sealed(header, dataSha256)),
  };
}
