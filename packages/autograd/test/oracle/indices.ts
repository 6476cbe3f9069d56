import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { at, build, places, scatter, sizeOf } from './array64.ts';
import { array, axisOf, type Case, seeds, shapes } from './problem.ts';

const draws = (length: number): fc.Arbitrary<number[]> => fc.array(fc.nat(), { minLength: length, maxLength: length });

/** `gather` along any axis, by indices of any rank, with any number of leading axes in common. */
const gather: Case = {
  name: 'gather with any batchDims',
  problems: fc
    .tuple(
      shapes(0, 2),
      shapes(0, 1),
      fc.integer({ min: 1, max: 3 }),
      shapes(0, 1),
      shapes(0, 2),
      draws(36),
      seeds,
      fc.boolean(),
    )
    .map(([batch, outer, size, inner, picked, drawn, seed, negative]) => {
      const [shape, axis] = [[...batch, ...outer, size, ...inner], batch.length + outer.length];
      const where = [...batch, ...picked];
      const indices = Array.from({ length: sizeOf(where) }, (_, i) => (drawn[i] ?? 0) % size);
      const index = { shape: where, data: indices };
      return {
        inputs: [array(shape, seed)],
        op: (x) =>
          tf.gather(x, tf.tensor(indices, where, 'int32'), negative ? axis - shape.length : axis, batch.length),
        op64: (x) =>
          build([...batch, ...outer, ...picked, ...inner], (place) => {
            const lead = place.slice(0, batch.length);
            const middle = place.slice(axis, axis + picked.length);
            return at(x, [
              ...place.slice(0, axis),
              at(index, [...lead, ...middle]),
              ...place.slice(axis + picked.length),
            ]);
          }),
      };
    }),
};

/** `depth` leading axes of a shape, and indices into them. */
const pointed = shapes(1).chain((shape) =>
  fc
    .tuple(fc.constant(shape), fc.integer({ min: 1, max: shape.length }), fc.integer({ min: 1, max: 4 }))
    .chain(([, depth, count]) =>
      fc.tuple(draws(depth * count), seeds).map(([drawn, seed]) => {
        const points = Array.from({ length: count }, (_, i) =>
          Array.from({ length: depth }, (_, k) => (drawn[i * depth + k] ?? 0) % (shape[k] ?? 1)),
        );
        return { shape, points, rest: shape.slice(depth), seed };
      }),
    ),
);

export const indices: readonly Case[] = [
  gather,
  {
    name: 'gatherND',
    problems: pointed.map(({ shape, points, rest, seed }) => ({
      inputs: [array(shape, seed)],
      op: (x) => tf.gatherND(x, tf.tensor2d(points, undefined, 'int32')),
      op64: (x) => build([points.length, ...rest], ([i = 0, ...place]) => at(x, [...(points[i] ?? []), ...place])),
    })),
  },
  {
    name: 'scatterND, of indices that repeat',
    problems: pointed.map(({ shape, points, rest, seed }) => ({
      inputs: [array([points.length, ...rest], seed)],
      op: (x) => tf.scatterND(tf.tensor2d(points, undefined, 'int32'), x, shape as [number]),
      op64: (x) =>
        scatter(
          shape,
          places(x.shape).map(([i = 0, ...place]) => [[...(points[i] ?? []), ...place], at(x, [i, ...place])] as const),
        ),
    })),
  },
  {
    name: 'tensorScatterUpdate, of indices that repeat',
    problems: pointed.map(({ shape, points, rest, seed }) => ({
      inputs: [array(shape, seed), array([points.length, ...rest], seed + 0.3)],
      // The CPU backend writes into the tensor itself.
      op: (x, updates) => tf.tensorScatterUpdate(tf.mul(x, 1), tf.tensor2d(points, undefined, 'int32'), updates),
      op64: (x, updates) =>
        build(shape, (place) => {
          const last = points.findLastIndex((point) => point.every((i, axis) => place[axis] === i));
          return last === -1 ? at(x, place) : at(updates, [last, ...place.slice(points[0]?.length)]);
        }),
    })),
  },
  {
    name: 'topk',
    problems: shapes(1)
      .chain((shape) => fc.tuple(fc.constant(shape), fc.integer({ min: 1, max: shape.at(-1) ?? 1 }), seeds))
      .map(([shape, k, seed]) => ({
        inputs: [array(shape, seed)],
        op: (x) => tf.topk(x, k).values,
        op64: (x) =>
          build(shape.with(-1, k), (place) => {
            const line = Array.from({ length: shape.at(-1) ?? 1 }, (_, i) => at(x, place.with(-1, i)));
            return line.toSorted((a, b) => b - a)[place.at(-1) ?? 0] ?? Number.NaN;
          }),
      })),
  },
  {
    name: 'diag',
    problems: fc.tuple(shapes(1, 2), axisOf([0]), seeds).map(([shape, , seed]) => ({
      inputs: [array(shape, seed)],
      op: (x) => tf.diag(x),
      op64: (x) =>
        build([...shape, ...shape], (place) => {
          const [a, b] = [place.slice(0, shape.length), place.slice(shape.length)];
          return a.every((i, axis) => i === b[axis]) ? at(x, a) : 0;
        }),
    })),
  },
];
