import { foldIn, key } from '@steppe/random';
import { linspace, lossCurve, lossSurface, randomDirection } from '@steppe/sharpness';
import { dispose, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { reading, type Take, type Taking } from './taking.ts';

/** A direction of the weights that were trained; the others stay where they are. */
function direction({ params, wanted, seed }: Taking, axis: number): Tree {
  const drawn = randomDirection(foldIn(key(seed), axis), params);
  if (wanted === undefined) return drawn;
  const masked = map(drawn, (leaf, path) => (wanted(path, leaf) ? tf.clone(leaf) : tf.zerosLike(leaf)));
  dispose(drawn);
  return masked;
}

/** How far landscapes reach: every filter by its own length at 1. */
const reach = 1;

/** Counts points, each of which is a pass. */
const points = ({ walk: { signal }, at }: Taking) => ({
  signal,
  onProgress: ({ done, total }: { readonly done: number; readonly total: number }) => at(done / total),
});

/** The landscapes around the weights. */
export const takeLandscapes = {
  landscape: async (t) => {
    const along = direction(t, 0);
    try {
      const found = await lossCurve(t.loss.loss, t.params, along, t.images, {
        at: linspace(-reach, reach, 41),
        ...points(t),
      });
      const { at, values } = found;
      return {
        readings: [reading('loss at α = ±0.5', (at05(at, values, -0.5) + at05(at, values, 0.5)) / 2)],
        found,
        points: at.map((x, i) => [x, values[i] as number] as const),
      };
    } finally {
      dispose(along);
    }
  },
  surface: async (t) => {
    const axes = [direction(t, 0), direction(t, 1)] as const;
    try {
      const found = await lossSurface(t.loss.loss, t.params, axes, t.images, {
        xs: linspace(-reach, reach, 21),
        ...points(t),
      });
      return { readings: [], found, surface: found };
    } finally {
      dispose(axes);
    }
  },
} satisfies { readonly [name: string]: Take };

/** The loss of a curve at one of its places. */
const at05 = (at: readonly number[], values: readonly number[], place: number): number =>
  values[at.findIndex((x) => Math.abs(x - place) < 1e-9)] ?? Number.NaN;
