import { fc } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { type Array64, build, places, sizeOf, sum } from './array64.ts';
import { array, type Case, seeds } from './problem.ts';

/** Sums with every kind of axis; tfjs's own kernel has others wrong, where an axis is in one of two inputs alone. */
const equations = ['ab->ba', 'abc->bac', 'ab,bc->ac', 'abc,acd->abd', 'ab,ab->ab', 'ab,cb->ac', 'a,b->ab', 'ba,b->a'];

const lengths: Record<string, number> = { a: 2, b: 3, c: 1, d: 2 };
const shapeOf = (labels: string): number[] => [...labels].map((label) => lengths[label] ?? 1);

function einsum64(equation: string, inputs: readonly Array64[]): Array64 {
  const [terms = '', result = ''] = equation.split('->');
  const labels = terms.split(',');
  const others = [...new Set(terms.replace(',', ''))].filter((label) => !result.includes(label));
  const entry = (x: Array64, term: string, where: Record<string, number>): number =>
    x.data[[...term].reduce((offset, label, axis) => offset * (x.shape[axis] ?? 1) + (where[label] ?? 0), 0)] ?? 0;
  return build(shapeOf(result), (place) =>
    sum(
      places(shapeOf(others.join(''))).map((more) => {
        const names = [...result, ...others];
        const where = Object.fromEntries([...place, ...more].map((i, k) => [names[k] ?? '', i]));
        return labels.reduce((product, term, i) => product * entry(inputs[i] as Array64, term, where), 1);
      }),
    ),
  );
}

export const sums: readonly Case[] = equations.map((equation) => ({
  name: `einsum ${equation}`,
  problems: seeds.map((seed) => ({
    inputs: (equation.split('->')[0] ?? '').split(',').map((term, i) => array(shapeOf(term), seed + 0.3 * i)),
    op: (...inputs) => tf.einsum(equation, ...inputs),
    op64: (...inputs) => einsum64(equation, inputs),
  })),
}));

/** Products along an axis of numbers of which some are zero. */
const line = (
  name: string,
  op: (x: tf.Tensor, axis: number) => tf.Tensor,
  f: (line: readonly number[], i: number) => readonly number[],
  reduces = false,
): Case => ({
  name: `${name}, with zeros`,
  problems: fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 3 }),
      seeds,
    )
    .chain(([shape, zeros, seed]) =>
      fc.integer({ min: -shape.length, max: -1 }).map((axis) => {
        const x = array(shape, seed);
        const places0 = new Set(zeros.map((i) => i % sizeOf(shape)));
        const along = axis + shape.length;
        return {
          inputs: [{ shape, data: x.data.map((value, i) => (places0.has(i) ? 0 : value)) }],
          op: (y: tf.Tensor) => op(y, along),
          op64: (y: Array64) =>
            build(reduces ? shape.with(along, 1) : shape, (place) => {
              const whole = Array.from({ length: shape[along] ?? 1 }, (_, i) => {
                const at = place.with(along, i);
                return y.data[at.reduce((offset, k, d) => offset * (shape[d] ?? 1) + k, 0)] ?? 0;
              });
              return f(whole, place[along] ?? 0).reduce((a, b) => a * b, 1);
            }),
        };
      }),
    ),
});

export const products: readonly Case[] = [
  line(
    'cumprod',
    (x, axis) => tf.cumprod(x, axis),
    (all, i) => all.slice(0, i + 1),
  ),
  line(
    'cumprod, exclusive',
    (x, axis) => tf.cumprod(x, axis, true),
    (all, i) => all.slice(0, i),
  ),
  line(
    'cumprod, reverse',
    (x, axis) => tf.cumprod(x, axis, false, true),
    (all, i) => all.slice(i),
  ),
  line(
    'cumprod, exclusive and reverse',
    (x, axis) => tf.cumprod(x, axis, true, true),
    (all, i) => all.slice(i + 1),
  ),
  line(
    'prod',
    (x, axis) => tf.prod(x, axis - x.rank, true),
    (all) => all,
    true,
  ),
];
