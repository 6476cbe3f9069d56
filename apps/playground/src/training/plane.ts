import { readScalars } from '@steppe/train';
import { addScaled, dispose, dot, minus, norm, plus, pure, scaled, type Tree, unit } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { flat } from './trail.ts';

/** A plane of weights, w = middle + x·right + y·up; distances on it are those of the weights. */
export type Plane<P extends Tree> = {
  readonly middle: P;
  /** Of length 1 and orthogonal. */
  readonly right: P;
  readonly up: P;
};

/** A place on a plane. */
export type Point = readonly [x: number, y: number];

/**
 * Lays the plane through three trees of weights: x from one to another, around their middle; y toward the third.
 *
 * @returns Trees to free; nothing when the three lie on one line, through which there are many planes.
 * @see Garipov et al., Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs, 2018 (arXiv 1802.10026).
 */
export async function planeThrough<P extends Tree>(start: P, left: P, right: P): Promise<Plane<P> | undefined> {
  const made = pure(() => {
    const middle = scaled(plus(left, right), 0.5);
    const across = minus(right, left);
    const x = unit(across);
    const toStart = minus(start, middle);
    const off = addScaled(toStart, tf.neg(dot(toStart, x)), x);
    return { plane: { middle, right: x, up: unit(off) }, apart: norm(across), height: norm(off), far: norm(toStart) };
  });
  const { plane, ...lengths } = made;
  const { apart, height, far } = await readScalars(lengths);
  dispose(lengths);
  // Below that share of the way it is rounding.
  if ((apart as number) > 0 && (height as number) > 1e-5 * (far as number)) return plane;
  dispose(plane);
  return undefined;
}

/** ⟨a - from, b⟩ in float64. */
function along(a: Float32Array, b: Float32Array, from: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (from[i] as number)) * (b[i] as number);
  return sum;
}

/** Projects weights onto a plane, orthogonally. */
export async function projected(plane: Plane<Tree>, points: readonly Float32Array[]): Promise<readonly Point[]> {
  const [middle, right, up] = await Promise.all([flat(plane.middle), flat(plane.right), flat(plane.up)]);
  return points.map((point) => [along(point, right, middle), along(point, up, middle)]);
}
