import { dispose, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Progress } from '../examples.ts';
import { chosenLeaves, type SymmetricOperator } from '../operators/operator.ts';

/** A vector on the host: the numbers of the chosen leaves, one leaf after another. */
export type Vector = Float32Array | Float64Array;

/** ⟨x, y⟩ in float64. */
export function inner(x: Vector, y: Vector): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) * (y[i] as number);
  return sum;
}

/** y ← y + c·x. */
export function addTo(y: Float64Array, c: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + c * (x[i] as number);
}

/** Takes what lies along orthonormal vectors out of y, in place, and gives ⟨q, y⟩ for each as it was. */
export function takeOut(y: Float64Array, basis: readonly Vector[]): number[] {
  const along = basis.map((q) => inner(q, y));
  for (const [i, q] of basis.entries()) addTo(y, -(along[i] as number), q);
  return along;
}

/** y as a unit vector, as the device has it. */
export function unitOf(y: Float64Array): Float32Array {
  const length = Math.sqrt(inner(y, y));
  return Float32Array.from(y, (x) => x / length);
}

/** Puts a vector on the device as a tree of the operator's structure, with zeros where nothing is chosen. */
export function toTree<P extends Tree>({ like, wanted }: SymmetricOperator<P>, vector: Float32Array): P {
  let begin = 0;
  return map(like, (leaf, path) => {
    if (leaf.size === 0 || !wanted(path, leaf)) return tf.zerosLike(leaf);
    begin += leaf.size;
    return tf.tensor(vector.slice(begin - leaf.size, begin), leaf.shape, 'float32');
  });
}

/** Reads a tree of the operator's structure as a vector. */
export async function toVector<P extends Tree>(
  { wanted, dimension }: SymmetricOperator<P>,
  tree: P,
): Promise<Float32Array> {
  const parts = await Promise.all(chosenLeaves(tree, wanted).map(({ leaf }) => leaf.data()));
  const vector = new Float32Array(dimension);
  let begin = 0;
  for (const part of parts) {
    vector.set(part, begin);
    begin += part.length;
  }
  return vector;
}

/** An operator on vectors of the host, which counts its products. */
export type HostOperator = {
  readonly multiply: (x: Float32Array) => Promise<Float64Array>;
  readonly products: () => number;
};

/** Takes an operator to the host. */
export function onHost<P extends Tree>(
  operator: SymmetricOperator<P>,
  total: number,
  onProgress?: (progress: Progress) => void,
): HostOperator {
  let products = 0;
  return {
    products: () => products,
    async multiply(x) {
      const v = toTree(operator, x);
      let product: P | undefined;
      try {
        product = await operator.multiply(v);
        const read = await toVector(operator, product);
        products += 1;
        onProgress?.({ done: products, total });
        return Float64Array.from(read);
      } finally {
        dispose(v, product);
      }
    },
  };
}
