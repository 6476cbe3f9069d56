import { NO_INTEGER, type Share, type SliceElsewhere, sliceTerms } from '@steppe/transforms/parts';
import { leaves, map, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { World } from './world.ts';

/** Backends whose tensors copy the values that they are made of; the others may keep them. */
const copying: readonly string[] = ['native', 'wasm'];

/** Where the floats of all leaves travel, taken again for the next step of the same size. */
let packed = new Float32Array(0);

const isFloat = ({ dtype }: Tensor): boolean => dtype === 'float32';

/** The shares of the ranks, by weight or, where all weights are 0, by examples, as `microBatch` computes them. */
function sharesOf(examples: readonly number[], weights: readonly number[] | undefined): readonly Share[] {
  const total = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0);
  const byExamples = examples.map((own) => ({ share: own / total(examples) }));
  const sum = weights?.reduce((a, b) => Math.fround(a + b)) ?? 0;
  if (weights === undefined || sum === 0) return byExamples;
  return weights.map((own) => ({ share: Math.fround(own / sum), ...(own === 0 && { none: tf.scalar(true, 'bool') }) }));
}

/** A number for the names, types and shapes of all leaves, the same where they are. */
function codeOf(tree: Tree): number {
  let code = 7;
  for (const { path, leaf } of leaves(tree))
    for (const letter of `${path} ${leaf.dtype} ${leaf.shape};`) code = (code * 31 + letter.charCodeAt(0)) >>> 0;
  return code;
}

/** What the links of a step tell each other of this rank's slice. */
export type Slice = Omit<SliceElsewhere, 'share'> & { readonly weight: number | undefined };

/**
 * Gives the mean over all ranks of what each has evaluated on its slice, leaf by leaf, as `microBatch` does in one
 * process: floats by their shares, from left to right; integers that agree stay.
 *
 * The floats of all leaves go in one message, with two small ones before it.
 */
export function meanOverRanks<T extends Tree>(world: World, name: string, result: T, slice: Slice): T {
  const { rank, size } = world;
  const { examples, weight } = slice;
  const integers = leaves(result).filter(({ leaf }) => leaf.dtype === 'int32');
  const own = Float64Array.from([
    examples,
    weight ?? 0,
    codeOf(result),
    ...integers.flatMap(({ leaf }) => [...leaf.dataSync()]),
  ]);
  const heads = world.allGather(new Uint8Array(own.buffer)).map((bytes) => new Float64Array(bytes.buffer));
  const column = (i: number): readonly number[] => heads.map((head) => head[i] ?? Number.NaN);
  const other = column(2).findIndex((code) => code !== column(2)[0]);
  if (other > 0)
    throw new Error(
      `${name} got trees of other names, types or shapes on rank ${other} than on rank 0: start all ranks with the same model and options.`,
    );
  const shares = sharesOf(column(0), weight === undefined ? undefined : column(1));
  const { terms, isSum } = sliceTerms(name, result, { ...slice, share: shares[rank] as Share });

  const floats = leaves(terms).filter(({ leaf }) => isFloat(leaf));
  const length = floats.reduce((sum, { leaf }) => sum + leaf.size, 0);
  const whole = size * Math.ceil(length / size);
  if (packed.length !== whole) packed = new Float32Array(whole);
  let at = 0;
  for (const { leaf } of floats) {
    packed.set(leaf.dataSync<'float32'>(), at);
    at += leaf.size;
  }
  world.allReduce(packed);

  const isCopied = copying.includes(tf.getBackend());
  let [float, integer] = [0, 3];
  return map(terms, (leaf, path) => {
    if (isFloat(leaf)) {
      const values = isCopied ? packed.subarray(float, float + leaf.size) : packed.slice(float, float + leaf.size);
      float += leaf.size;
      return tf.tensor(values, leaf.shape, 'float32');
    }
    const combine = (all: readonly number[]): number => {
      if (isSum(path)) return all.reduce((sum, x) => sum + x, 0);
      return all.every((x) => x === all[0]) ? (all[0] ?? NO_INTEGER) : NO_INTEGER;
    };
    const values = Int32Array.from({ length: leaf.size }, (_, i) => combine(column(integer + i)));
    integer += leaf.size;
    return tf.tensor(values, leaf.shape, 'int32');
  });
}
