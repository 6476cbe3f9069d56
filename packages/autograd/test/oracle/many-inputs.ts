import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { type Array64, at, atBroadcast, broadcastShape, build, sum } from './array64.ts';
import { array, axisOf, between, type Case, pairs, seeds, shapes, size } from './problem.ts';

const joins: readonly Case[] = [
  {
    name: 'concat',
    problems: shapes(1)
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), size, seeds))
      .map(([shape, axis, more, seed]) => ({
        inputs: [array(shape, seed), array(shape.with(axis, more), seed + 0.3)],
        op: (a, b) => tf.concat([a, b], axis),
        op64: (a, b) => {
          const first = shape[axis] ?? 0;
          return build(shape.with(axis, first + more), (place) => {
            const i = place[axis] ?? 0;
            return i < first ? at(a, place) : at(b, place.with(axis, i - first));
          });
        },
      })),
  },
  {
    name: 'stack',
    problems: shapes(0, 2)
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length), seeds))
      .map(([shape, axis, seed]) => ({
        inputs: [array(shape, seed), array(shape, seed + 0.3)],
        op: (a, b) => tf.stack([a, b], axis),
        op64: (a, b) =>
          build(shape.toSpliced(axis, 0, 2), (place) => at(place[axis] === 0 ? a : b, place.toSpliced(axis, 1))),
      })),
  },
];

/** What dense layers of tfjs are: with a bias and without, and with an activation, which it fuses in evaluation only. */
const fusedMatMul: Case = {
  name: 'fused.matMul',
  problems: fc
    .tuple(shapes(0, 1), size, size, size, fc.boolean(), fc.boolean(), fc.constantFrom(0, 1, 2), seeds)
    .map(([lead, rows, inner, columns, transposeA, transposeB, kind, seed]) => ({
      inputs: [
        array([...lead, ...(transposeA ? [inner, rows] : [rows, inner])], seed),
        array([...lead, ...(transposeB ? [columns, inner] : [inner, columns])], seed + 0.3),
        ...(kind > 0 ? [array([columns], seed + 0.6)] : []),
      ],
      op: (a, b, bias) =>
        tf.fused.matMul({
          ...{ a: a as tf.Tensor, b: b as tf.Tensor, transposeA, transposeB },
          ...(bias && { bias }),
          ...(kind === 2 && { activation: 'sigmoid' }),
        }),
      op64: (a, b, bias) =>
        build([...lead, rows, columns], (place) => {
          const [row = 0, column = 0] = place.slice(-2);
          const first = place.slice(0, -2);
          const terms = Array.from(
            { length: inner },
            (_, k) =>
              at(a, [...first, ...(transposeA ? [k, row] : [row, k])]) *
              at(b, [...first, ...(transposeB ? [column, k] : [k, column])]),
          );
          const y = sum([...terms, bias ? at(bias, [column]) : 0]);
          return kind === 2 ? 1 / (1 + Math.exp(-y)) : y;
        }),
    })),
};

const matMul: Case = {
  name: 'matMul',
  // Several axes that broadcast differently are computed wrongly by the CPU backend itself.
  problems: fc
    .tuple(pairs(1), size, size, size, fc.boolean(), fc.boolean(), seeds)
    .map(([[batchA, batchB], rows, inner, columns, transposeA, transposeB, seed]) => ({
      inputs: [
        array([...batchA, ...(transposeA ? [inner, rows] : [rows, inner])], seed),
        array([...batchB, ...(transposeB ? [columns, inner] : [inner, columns])], seed + 0.3),
      ],
      op: (a, b) => tf.matMul(a, b, transposeA, transposeB),
      op64: (a, b) =>
        build([...broadcastShape(batchA, batchB), rows, columns], (place) => {
          const [row = 0, column = 0] = place.slice(-2);
          const lead = place.slice(0, -2);
          return sum(
            Array.from(
              { length: inner },
              (_, k) =>
                atBroadcast(a, [...lead, ...(transposeA ? [k, row] : [row, k])]) *
                atBroadcast(b, [...lead, ...(transposeB ? [column, k] : [k, column])]),
            ),
          );
        }),
    })),
};

/** Batch normalization by given statistics; scale and offset may be left out. */
const batchNorm: Case = {
  name: 'batchNorm',
  problems: fc.tuple(shapes(3), size, seeds).map(([lead, channels, seed]) => {
    const shape = [...lead, channels];
    return {
      inputs: [
        array(shape, seed),
        array([channels], seed + 0.1),
        array([channels], seed + 0.2, between(0.5, 2)),
        array([channels], seed + 0.3),
        array([channels], seed + 0.4),
      ],
      op: (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.01,
        ),
      op64: (x, mean, variance, offset, scale) =>
        build(shape, (place) => {
          const of = (values: Array64): number => values.data[place.at(-1) ?? 0] ?? 0;
          return ((at(x, place) - of(mean)) / Math.sqrt(of(variance) + 0.01)) * of(scale) + of(offset);
        }),
    };
  }),
};

/** Operations of several inputs that play different parts. */
export const manyInputs: readonly Case[] = [...joins, matMul, fusedMatMul, batchNorm];
