import { fc } from '@fast-check/vitest';
import { dispose, dot } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { hvp, jvp, secondDerivatives, valueAndGrad } from '../src/index.ts';
import { watch } from '../src/recording.ts';
import { alongAxes } from './oracle/along-axes.ts';
import { type Array64, sum } from './oracle/array64.ts';
import { borders } from './oracle/borders.ts';
import { convolutions } from './oracle/convolutions.ts';
import { elementwise } from './oracle/elementwise.ts';
import { indices } from './oracle/indices.ts';
import { latticeCases } from './oracle/lattices.ts';
import { manyInputs } from './oracle/many-inputs.ts';
import { movements } from './oracle/movements.ts';
import { pools } from './oracle/pools.ts';
import { type Problem, spread } from './oracle/problem.ts';
import { resizes } from './oracle/resizes.ts';
import { slices } from './oracle/slices.ts';
import { products, sums } from './oracle/sums.ts';

beforeAll(() => tf.setBackend('cpu'));

const h = 1e-4;
const moved = (inputs: readonly Array64[], by: readonly (readonly number[])[], step: number): Array64[] =>
  inputs.map(({ shape, data }, n) => ({ shape, data: data.map((x, i) => x + step * (by[n]?.[i] ?? 0)) }));

/** Weights and offsets of the loss Σ cᵢ·sin(yᵢ + dᵢ), which is curved in every output. */
const weights = (count: number): readonly [number[], number[]] => [
  spread(count, 1, (u) => 0.5 + u),
  spread(count, 2, (u) => 3 * u),
];

function loss64({ op64 }: Problem, inputs: readonly Array64[]): number {
  const { data } = op64(...inputs);
  const [c, d] = weights(data.length);
  return sum(data.map((y, i) => (c[i] ?? 0) * Math.sin(y + (d[i] ?? 0))));
}

/** The gradient of a function of the inputs, by central differences, one list for each input. */
const differences = (inputs: readonly Array64[], f: (at: Array64[]) => number): number[][] =>
  inputs.map(({ data }, n) =>
    data.map((_, i) => {
      const unit = inputs.map((input, m) => input.data.map((_, k) => (m === n && k === i ? 1 : 0)));
      return (f(moved(inputs, unit, h)) - f(moved(inputs, unit, -h))) / (2 * h);
    }),
  );

function expectClose(got: readonly tf.Tensor[], wanted: readonly (readonly number[])[], what: string): void {
  const values = got.map((tensor) => [...tensor.dataSync()]);
  const scale = 1 + Math.max(...wanted.flat().map(Math.abs));
  for (const [n, list] of wanted.entries())
    for (const [i, want] of list.entries()) {
      const error = Math.abs((values[n]?.[i] ?? Number.NaN) - want);
      if (!(error < 2e-4 * scale)) expect.fail(`${what}: ${JSON.stringify(values)}, but ${JSON.stringify(wanted)}`);
    }
}

const exercised = new Set<string>();

function check(problem: Problem): void {
  const { inputs, op } = problem;
  const v = inputs.map(({ data }, n) => spread(data.length, 3 + n, (u) => 2 * u - 1));
  const forward = (w: tf.Tensor[], _: null): tf.Tensor => op(...w);
  const loss = (w: tf.Tensor[], _: null): tf.Scalar => {
    const y = op(...w);
    const [c, d] = weights(y.size);
    return tf.sum(tf.mul(tf.tensor(c, y.shape), tf.sin(tf.add(y, tf.tensor(d, y.shape)))));
  };
  const w = inputs.map(({ shape, data }) => tf.tensor([...data], [...shape], 'float32'));
  const direction = inputs.map(({ shape }, n) => tf.tensor(v[n] ?? [], [...shape], 'float32'));

  const { value, grads } = valueAndGrad(loss)(w, null);
  expectClose([value], [[loss64(problem, inputs)]], 'value');
  expectClose(
    grads,
    differences(inputs, (at) => loss64(problem, at)),
    'gradient',
  );

  const slope = (at: readonly Array64[]): number =>
    (loss64(problem, moved(at, v, h)) - loss64(problem, moved(at, v, -h))) / (2 * h);
  const product = hvp(loss)(w, null, direction);
  expectClose(product, differences(inputs, slope), 'hvp');

  const [primal, tangent] = jvp(forward)(w, null, direction);
  const [ahead, behind] = [h, -h].map((step) => problem.op64(...moved(inputs, v, step)).data);
  expectClose([primal], [problem.op64(...inputs).data], 'value of jvp');
  expectClose([tangent], [(ahead ?? []).map((y, i) => (y - (behind?.[i] ?? 0)) / (2 * h))], 'jvp');

  // The same product by hand, to see whose rules were differentiated.
  const twice = valueAndGrad((x: tf.Tensor[], _: null) => {
    const slopes = dot(valueAndGrad(loss)(x, null).grads, direction);
    for (const { node } of watch(tf.engine().state.activeTape, []).runs) exercised.add(node.kernelName);
    return slopes;
  })(w, null);
  expectClose(
    twice.grads,
    product.map((leaf) => [...leaf.dataSync()]),
    'gradient of a slope',
  );
  dispose(w, direction, value, grads, product, primal, tangent, twice);
}

describe.each([
  ['elementwise', elementwise, 4],
  ['along axes', alongAxes, 4],
  ['moving entries', movements, 4],
  ['at borders', borders, 4],
  ['of several inputs', manyInputs, 4],
  ['convolutions', convolutions, 3],
  ['pools', pools, 3],
  ['of any geometry', latticeCases, 4],
  ['resizing', resizes, 4],
  ['by indices', indices, 4],
  ['slices', slices, 4],
  ['Einstein sums', sums, 1],
  ['products', products, 4],
] as const)('value, gradient, hvp and jvp agree with differences in float64: %s', (_, cases, runs) => {
  test.each(cases.map(({ name, problems }) => [name, problems] as const))('%s', (_, problems) => {
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(problems, (problem) => tf.tidy(() => check(problem))),
      { numRuns: Number(process.env.STEPPE_RUNS ?? runs) },
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('no operation is covered that these cases do not differentiate twice, and none is differentiated that is not covered', () => {
  expect([...exercised].sort()).toEqual(secondDerivatives());
});
