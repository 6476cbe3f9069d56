import { leaves, type Tree } from '@steppe/tree';

/** Reads a tree as one vector on the host. */
export async function flat(tree: Tree): Promise<Float32Array> {
  const parts = await Promise.all(leaves(tree).map(({ leaf }) => leaf.data()));
  const vector = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let begin = 0;
  for (const part of parts) {
    vector.set(part, begin);
    begin += part.length;
  }
  return vector;
}

/** The weights that a run has passed through, on the host. */
export type Trail = {
  readonly add: (params: Tree) => Promise<void>;
  /** Those that are kept, the first among them, in their order. */
  readonly points: () => readonly Float32Array[];
};

/** Of 77,562 weights these are 20 MB. */
const MOST = 64;

/** Keeps a trail, at even distances: when it is full every other point goes, and from then on half as many come. */
export function trail(): Trail {
  let points: Float32Array[] = [];
  let [every, seen] = [1, 0];
  return {
    async add(params) {
      if (seen++ % every > 0) return;
      points.push(await flat(params));
      if (points.length < MOST) return;
      points = points.filter((_, i) => i % 2 === 0);
      every *= 2;
    },
    points: () => points,
  };
}
