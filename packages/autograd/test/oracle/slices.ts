import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { at, build } from './array64.ts';
import { array, type Case, seeds, shapes, size } from './problem.ts';

type Range = { begin: number; end: number; step: number; masked: readonly [begin: boolean, end: boolean] };

/** The places that begin:end:step takes of an axis, as Python has it. */
function taken({ begin, end, step, masked }: Range, length: number): number[] {
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clipped = (i: number): number => Math.min(high, Math.max(low, i < 0 ? i + length : i));
  const first = masked[0] ? (step > 0 ? low : high) : clipped(begin);
  const last = masked[1] ? (step > 0 ? high : low) : clipped(end);
  const all = Array.from({ length }, (_, i) => first + i * step);
  return all.filter((i) => (step > 0 ? i < last : i > last));
}

const range = fc.record({
  begin: fc.integer({ min: -4, max: 4 }),
  end: fc.integer({ min: -5, max: 5 }),
  step: fc.constantFrom(1, 2, 3, -1, -2),
  masked: fc.tuple(fc.boolean(), fc.boolean()),
});

const bits = (flags: readonly boolean[]): number => flags.reduce((mask, flag, i) => mask + (flag ? 2 ** i : 0), 0);

const stridedSlice: Case = {
  name: 'stridedSlice',
  problems: fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      fc.array(range, { minLength: 3, maxLength: 3 }),
      seeds,
    )
    .map(([shape, all, seed]) => ({ shape, ranges: all.slice(0, shape.length), seed }))
    // Of empty slices the CPU backend throws.
    .filter(({ shape, ranges }) => ranges.every((each, axis) => taken(each, shape[axis] ?? 0).length > 0))
    .map(({ shape, ranges, seed }) => {
      const lists = ranges.map((each, axis) => taken(each, shape[axis] ?? 0));
      const of = (key: 'begin' | 'end' | 'step'): number[] => ranges.map((each) => each[key]);
      const [beginMask, endMask] = [0, 1].map((i) => bits(ranges.map(({ masked }) => masked[i] === true)));
      return {
        inputs: [array(shape, seed)],
        op: (x) => tf.stridedSlice(x, of('begin'), of('end'), of('step'), beginMask, endMask),
        op64: (x) =>
          build(
            lists.map((list) => list.length),
            (place) =>
              at(
                x,
                place.map((i, axis) => lists[axis]?.[i] ?? 0),
              ),
          ),
      };
    }),
};

const depthToSpace: Case = {
  name: 'depthToSpace',
  problems: fc.tuple(size, size, size, size, fc.constantFrom(2, 3), seeds).map(([n, h, w, depth, block, seed]) => ({
    inputs: [array([n, h, w, depth * block * block], seed)],
    op: (x) => tf.depthToSpace(x as tf.Tensor4D, block, 'NHWC'),
    op64: (x) =>
      build([n, h * block, w * block, depth], ([b = 0, i = 0, j = 0, c = 0]) =>
        at(x, [b, Math.floor(i / block), Math.floor(j / block), ((i % block) * block + (j % block)) * depth + c]),
      ),
  })),
};

const flipLeftRight: Case = {
  name: 'flipLeftRight',
  problems: fc.tuple(size, size, size, size, seeds).map(([n, h, w, c, seed]) => ({
    inputs: [array([n, h, w, c], seed)],
    op: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    op64: (x) => build([n, h, w, c], ([b, i, j = 0, k]) => at(x, [b ?? 0, i ?? 0, w - 1 - j, k ?? 0])),
  })),
};

/** Splits into as many parts as there are, one included, and weighs them. */
const parts = (name: string, op: (x: tf.Tensor, axis: number, count: number) => tf.Tensor[], keep: boolean): Case => ({
  name: `${name} of any number of parts`,
  problems: shapes(1).chain((shape) =>
    fc.tuple(fc.integer({ min: -shape.length, max: shape.length - 1 }), seeds).map(([axis, seed]) => {
      const [along, count] = [(axis + shape.length) % shape.length, shape.at(axis) ?? 1];
      return {
        inputs: [array(shape, seed)],
        op: (x) => tf.addN(op(x, axis, count).map((part, i) => tf.mul(part, i + 1))),
        op64: (x) =>
          build(keep ? shape.with(along, 1) : shape.toSpliced(along, 1), (place) =>
            Array.from({ length: count }, (_, i) => i).reduce(
              (sum, i) => sum + (i + 1) * at(x, keep ? place.with(along, i) : place.toSpliced(along, 0, i)),
              0,
            ),
          ),
      };
    }),
  ),
});

export const slices: readonly Case[] = [
  stridedSlice,
  depthToSpace,
  flipLeftRight,
  parts('unstack', (x, axis) => tf.unstack(x, axis), false),
  parts('split', (x, axis, count) => tf.split(x, count, axis), true),
];
