import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { at, build } from './array64.ts';
import { array, type Case, seeds } from './problem.ts';

type Grid = 'edges' | 'corners' | 'centers';
type Weights = readonly (readonly [from: number, weight: number])[];

/** Where the entry at `to` of `out` lies among `size` entries. */
function source(grid: Grid, to: number, size: number, out: number): number {
  if (grid === 'corners') return out > 1 ? (to * (size - 1)) / (out - 1) : 0;
  return grid === 'centers' ? ((to + 0.5) * size) / out - 0.5 : (to * size) / out;
}

/** What each entry is made of, along one axis, as TensorFlow has it. */
const nearest = (grid: Grid, to: number, size: number, out: number): Weights => {
  const place = source(grid, to, size, out);
  if (grid === 'corners') return [[Math.min(size - 1, Math.round(place)), 1]];
  return [[Math.min(size - 1, Math.max(0, Math.floor(grid === 'centers' ? place + 0.5 : place))), 1]];
};
const linear = (grid: Grid, to: number, size: number, out: number): Weights => {
  const place = Math.max(0, source(grid, to, size, out));
  const below = Math.min(size - 1, Math.floor(place));
  const part = place - Math.floor(place);
  return [
    [below, 1 - part],
    [Math.min(size - 1, below + 1), part],
  ];
};

const side = fc.integer({ min: 1, max: 4 });

const resize = (
  name: string,
  weights: typeof nearest,
  op: typeof tf.image.resizeBilinear | typeof tf.image.resizeNearestNeighbor,
): readonly Case[] =>
  (['edges', 'corners', 'centers'] as const).map((grid) => ({
    name: `${name} by ${grid}`,
    problems: fc
      .tuple(fc.tuple(side, side, side, side), fc.tuple(side, fc.integer({ min: 1, max: 6 })), seeds)
      .map(([shape, out, seed]) => ({
        inputs: [array(shape, seed)],
        op: (x) => op(x as tf.Tensor4D, out, grid === 'corners', grid === 'centers'),
        op64: (x) =>
          build([shape[0], ...out, shape[3]], ([n = 0, i = 0, j = 0, c = 0]) => {
            const [rows, columns] = [weights(grid, i, shape[1], out[0]), weights(grid, j, shape[2], out[1])];
            return rows.reduce(
              (total, [row, down]) =>
                columns.reduce((sum, [column, across]) => sum + down * across * at(x, [n, row, column, c]), total),
              0,
            );
          }),
      })),
  }));

export const resizes: readonly Case[] = [
  ...resize('resizeNearestNeighbor', nearest, tf.image.resizeNearestNeighbor),
  ...resize('resizeBilinear', linear, tf.image.resizeBilinear),
];
