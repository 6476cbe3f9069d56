import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { binaryOps } from '../../src/kernels/binary.ts';
import { unaryOps } from '../../src/kernels/unary.ts';
import { bools, floats, ints, seeds, shapes, sizeOf, specials } from '../support/arbitraries.ts';
import { expectLikeCpu, nativeBackends, type Plain } from '../support/backends.ts';

const natives = await nativeBackends();

const attrsOf = (name: string): object =>
  name === 'ClipByValue' ? { clipValueMin: -0.5, clipValueMax: 0.75 } : { alpha: 0.25 };
/** tfjs computes these with constants of seven digits. */
const coarse = new Map([
  ['Erf', 1e-6],
  ['Softplus', 1e-6],
]);
const unaryOfFloats = unaryOps.filter((name) => name !== 'LogicalNot' && !name.startsWith('Steppe'));
const questions = ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'];
const ofFloats = binaryOps.filter(
  (name) =>
    !name.startsWith('Steppe') &&
    !['LogicalAnd', 'LogicalOr', 'ReluGrad', 'Prelu', 'EluGrad', 'FloorDiv'].includes(name),
);
const ofInts = ['Add', 'Sub', 'Multiply', 'Maximum', 'Minimum', 'SquaredDifference', 'FloorDiv', ...questions];

describe('functions of one tensor', () => {
  test.prop([fc.constantFrom(...unaryOfFloats), fc.integer({ min: 0, max: 200 }), seeds, fc.constantFrom(0.1, 1, 30)], {
    numRuns: 200,
  })('give what the JavaScript backend gives', (name, n, seed, scale) => {
    const x = floats([n], seed);
    const values = Float32Array.from(x.values, (v) => v * scale);
    expectLikeCpu(natives, name, { x: { ...x, values } }, attrsOf(name), coarse.get(name) ?? 3e-7);
  });

  it.each(unaryOfFloats)('%s treats NaN, infinities, zeros and tiny numbers as the JavaScript backend does', (name) => {
    // 3.4e38 is beyond what a float32 angle or a float32 e^x can say anything about
    const values = specials.filter((v) => !['Sin', 'Cos', 'Tan'].includes(name) || !(Math.abs(v) > 1e9));
    expectLikeCpu(
      natives,
      name,
      { x: { values, shape: [values.length], dtype: 'float32' } },
      attrsOf(name),
      coarse.get(name) ?? 3e-7,
    );
  });

  it('keep integers whole', () => {
    const x: Plain = { values: [0, 1, -1, 7, -4095, 4000], shape: [6], dtype: 'int32' };
    for (const name of ['Abs', 'Neg', 'Relu', 'Sign', 'Square', 'Step'])
      expectLikeCpu(natives, name, { x }, { alpha: 0 });
    expectLikeCpu(natives, 'ClipByValue', { x }, { clipValueMin: -3, clipValueMax: 3 });
    expectLikeCpu(natives, 'LogicalNot', { x: bools([37], 1) });
  });
});

/** Two shapes that broadcast: each dimension may be 1 in either, and leading dimensions may be missing. */
const pairs = fc
  .tuple(
    shapes(5),
    fc.array(fc.constantFrom('both', 'first', 'second'), { minLength: 5, maxLength: 5 }),
    fc.integer({ min: 0, max: 5 }),
  )
  .map(([shape, kinds, missing]): [number[], number[]] => [
    shape.map((extent, d) => (kinds[d] === 'second' ? 1 : extent)),
    shape.map((extent, d) => (kinds[d] === 'first' ? 1 : extent)).slice(Math.min(missing, shape.length)),
  ]);

describe('functions of two tensors', () => {
  test.prop([fc.constantFrom(...ofFloats), pairs, seeds, fc.boolean()], { numRuns: 200 })(
    'broadcast as the JavaScript backend does',
    (name, [a, b], seed, swap) => {
      const first = floats(swap ? b : a, seed);
      const second = floats(swap ? a : b, seed + 1);
      expectLikeCpu(natives, name, { a: first, b: second }, {}, 3e-7);
    },
  );

  test.prop([fc.constantFrom(...ofInts), pairs, seeds, fc.constantFrom(10, 2 ** 31)], { numRuns: 100 })(
    'wrap integers as the JavaScript backend does',
    (name, [a, b], seed, limit) => {
      const divisor = ints(b, seed + 1, limit);
      const values = Array.from(divisor.values, (v) => (name === 'FloorDiv' && v === 0 ? 1 : v));
      expectLikeCpu(natives, name, { a: ints(a, seed, limit), b: { ...divisor, values } });
    },
  );

  it.each(ofFloats)('%s treats NaN, infinities and zeros as the JavaScript backend does', (name) => {
    const a: Plain = {
      values: specials.flatMap((v) => specials.map(() => v)),
      shape: [specials.length ** 2],
      dtype: 'float32',
    };
    const b: Plain = { ...a, values: specials.flatMap(() => specials) };
    expectLikeCpu(natives, name, { a, b }, {}, 3e-7);
  });

  test.prop([pairs, seeds])('ask bools', ([a, b], seed) => {
    for (const name of ['LogicalAnd', 'LogicalOr', ...questions])
      expectLikeCpu(natives, name, { a: bools(a, seed), b: bools(b, seed + 1) });
  });

  test.prop([shapes(4), seeds])('cover Prelu, EluGrad, AddN and Select', (shape, seed) => {
    const x = floats(shape, seed);
    const y = floats(shape, seed + 1);
    expectLikeCpu(natives, 'Prelu', { x, alpha: floats(shape.slice(-1), seed + 2) }, {}, 1e-7);
    expectLikeCpu(natives, 'EluGrad', { dy: x, y }, {}, 1e-7);
    expectLikeCpu(natives, 'AddN', [x, y, x], {}, 1e-7);
    expectLikeCpu(natives, 'Select', { condition: bools(shape, seed), t: x, e: y });
  });
});

describe('casts', () => {
  test.prop([shapes(2), seeds])('change types as the JavaScript backend does', (shape, seed) => {
    const large = floats(shape, seed);
    const x = { ...large, values: Float32Array.from(large.values, (v) => v * 1e11) };
    expectLikeCpu(natives, 'Cast', { x }, { dtype: 'int32' });
    expectLikeCpu(natives, 'Cast', { x: ints(shape, seed, 2) }, { dtype: 'bool' });
    expectLikeCpu(natives, 'Cast', { x: ints(shape, seed) }, { dtype: 'float32' });
    expectLikeCpu(natives, 'Cast', { x: bools(shape, seed) }, { dtype: 'float32' });
  });

  it('truncate special numbers to zero', () => {
    const x: Plain = {
      values: [Number.NaN, Number.POSITIVE_INFINITY, -1.9, 1.9, 4294967296 * 3 + 5120],
      shape: [5],
      dtype: 'float32',
    };
    expectLikeCpu(natives, 'Cast', { x }, { dtype: 'int32' });
    expectLikeCpu(natives, 'Cast', { x }, { dtype: 'bool' });
    expect(sizeOf(x.shape)).toBe(5);
  });
});
