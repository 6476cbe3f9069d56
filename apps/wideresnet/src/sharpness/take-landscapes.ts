import { foldIn, key } from '@steppe/random';
import { linspace, lossCurve, lossSurface, randomDirection } from '@steppe/sharpness';
import { dispose, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { AxesKind } from './options.ts';
import { reading, type Take, type Taking } from './taking.ts';

/** A direction of the weights that were trained; the others stay where they are. */
function random({ params, wanted, seed }: Taking, axis: number): Tree {
  const drawn = randomDirection(foldIn(key(seed), axis), params);
  if (wanted === undefined) return drawn;
  const masked = map(drawn, (leaf, path) => (wanted(path, leaf) ? tf.clone(leaf) : tf.zerosLike(leaf)));
  dispose(drawn);
  return masked;
}

/** The directions of a landscape, the caller's. */
async function directions(t: Taking, axes: readonly number[]): Promise<readonly Tree[]> {
  if (t.axes === 'random') return axes.map((axis) => random(t, axis));
  const { vector } = await t.top();
  return axes.map((axis) => vector(axis));
}

/** How far landscapes reach: a filter by its own length; along an eigenvector, which is 1 long, the largest radius of the
 * paper's search. */
const reach: { readonly [kind in AxesKind]: number } = { random: 1, eigenvectors: 0.5 };

/** Counts points, each of which is a pass. */
const points = ({ walk: { signal }, at }: Taking) => ({
  signal,
  onProgress: ({ done, total }: { readonly done: number; readonly total: number }) => at(done / total),
});

/** The landscapes around the weights. */
export const takeLandscapes = {
  landscape: async (t) => {
    const along = await directions(t, [0]);
    try {
      const far = reach[t.axes];
      const found = await lossCurve(t.loss.loss, t.params, along[0] as Tree, t.images, {
        at: linspace(-far, far, 41),
        ...points(t),
      });
      const { at, values } = found;
      return {
        readings: [reading('loss at α = ±0.5', (at05(at, values, -0.5) + at05(at, values, 0.5)) / 2)],
        found: { axes: t.axes, ...found },
        points: at.map((x, i) => [x, values[i] as number] as const),
      };
    } finally {
      dispose(along);
    }
  },
  surface: async (t) => {
    const axes = await directions(t, [0, 1]);
    try {
      const far = reach[t.axes];
      const plane = [axes[0] as Tree, axes[1] as Tree] as const;
      const found = await lossSurface(t.loss.loss, t.params, plane, t.images, {
        xs: linspace(-far, far, 21),
        ...points(t),
      });
      return { readings: [], found: { axes: t.axes, ...found }, surface: found };
    } finally {
      dispose(axes);
    }
  },
} satisfies { readonly [name: string]: Take };

/** The loss of a curve at one of its places. */
const at05 = (at: readonly number[], values: readonly number[], place: number): number =>
  values[at.findIndex((x) => Math.abs(x - place) < 1e-9)] ?? Number.NaN;
