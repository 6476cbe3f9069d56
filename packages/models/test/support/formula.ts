import { map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';

/** Numbers in [-0.5, 0.5) for a name, as tools/vectors/networks.py makes them: FNV-1a, then a scrambled counter. */
export function noise(name: string, count: number): Float64Array {
  let h = 2166136261;
  for (const letter of new TextEncoder().encode(name)) h = Math.imul(h ^ letter, 16777619);
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (h + Math.imul(i, 2654435761)) | 0;
    for (let round = 0; round < 2; round++) x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** The numbers of a tensor by its name, small around what a fresh network has. */
export function values(name: string, shape: readonly number[], fan: number): tf.Tensor {
  const last = name.split('.').at(-1) ?? '';
  const offset = ['scale', 'weight', 'variance', 'running_var'].includes(last) ? 1 : 0;
  const u = noise(name, tf.util.sizeFromShape([...shape])).map((v) => {
    if (shape.length === 1) return offset + 0.5 * v;
    return shape.length === 4 ? v * Math.sqrt(24 / fan) : v;
  });
  return tf.tensor(Float32Array.from(u), [...shape], 'float32');
}

/** A tree of the shapes of another, whose numbers follow from their paths. */
export const byPath = <T extends Tree>(tree: T): T =>
  map(tree, (leaf, path) => {
    const [height = 1, width = 1, , out = 1] = leaf.shape;
    return values(path, leaf.shape, height * width * out);
  });
