import { fc, test } from '@fast-check/vitest';
import type { PreciseBackend } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect } from 'vitest';
import { floats, seeds } from '../support/arbitraries.ts';
import { type Plain, runKernel } from '../support/backends.ts';
import { inPrecision, multipliers, rounded } from '../support/precisions.ts';
import { convolution, type Extents, product, type Sums } from '../support/references.ts';

const all = await multipliers();

/** The part of Σ|a||b| that rounding may cost: of the operands, and half a last place for each of the additions. */
const bound = (precision: 'high' | 'default' | 'rounded', terms: number): number =>
  ({ rounded: 0, default: 2 ** -7 + 2 ** -16, high: 3 * 2 ** -16 })[precision] + (3 * terms + 2) * 2 ** -23;

function expectWithin(
  actual: Plain | undefined,
  { values, magnitudes, terms }: Sums,
  precision: 'high' | 'default' | 'rounded',
  what: string,
): void {
  expect(actual?.values.length, what).toBe(values.length);
  const off = Array.from(values).findIndex((value, i) => {
    const error = Math.abs((actual?.values[i] ?? Number.NaN) - value);
    return !(error <= bound(precision, terms) * (magnitudes[i] ?? 0));
  });
  if (off >= 0) expect.fail(`${what}, ${precision}: at ${off} expected ${values[off]}, got ${actual?.values[off]}`);
}

const channels = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(8, 15, 17, 31, 33, 48, 65));
const shapes = fc
  .record({
    n: fc.constantFrom(0, 1, 2, 3, 9),
    h: fc.integer({ min: 1, max: 9 }),
    w: fc.integer({ min: 1, max: 9 }),
    c: channels,
    o: channels,
    kh: fc.integer({ min: 1, max: 4 }),
    kw: fc.integer({ min: 1, max: 4 }),
    sh: fc.integer({ min: 1, max: 3 }),
    sw: fc.integer({ min: 1, max: 3 }),
    d: fc.integer({ min: 1, max: 2 }),
    pads: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 2 })),
  })
  .map(({ pads: [top, bottom, left, right], ...e }) => {
    const out = (extent: number, k: number, s: number): number => Math.floor((extent - (k - 1) * e.d - 1) / s) + 1;
    const [oh, ow] = [out(e.h + top + bottom, e.kh, e.sh), out(e.w + left + right, e.kw, e.sw)];
    return {
      e: { ...e, top, left, oh, ow },
      pad: [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ],
    };
  })
  .filter(
    ({ e }) =>
      (e.d === 1 || (e.sh === 1 && e.sw === 1)) &&
      e.oh > 0 &&
      e.ow > 0 &&
      e.n * e.oh * e.ow * e.kh * e.kw * e.c * e.o < 60_000,
  );

const ofRounded = ({ values, ...rest }: Plain): Plain => ({ ...rest, values: Array.from(values, rounded) });

/** The three kernels of a convolution. */
function kernels(
  name: string,
  { n, h, w, c, kh, kw, o, sh, sw, d }: Extents,
  pad: unknown,
  x: Plain,
  filter: Plain,
  dy: Plain,
) {
  const attrs = { strides: [sh, sw], dilations: [d, d], pad, dataFormat: 'NHWC', dimRoundingMode: undefined };
  return [
    ...runKernel(name, 'Conv2D', { x, filter }, attrs),
    ...runKernel(name, 'Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: [n, h, w, c] }),
    ...runKernel(name, 'Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: [kh, kw, c, o] }),
  ];
}

describe('products of bfloat16', () => {
  test.prop([shapes, seeds], { numRuns: 60, seed: 1 })(
    'in convolutions and both gradients are within their bounds of float64',
    ({ e, pad }, seed) => {
      const x = floats([e.n, e.h, e.w, e.c], seed);
      const filter = floats([e.kh, e.kw, e.c, e.o], seed + 1);
      const dy = floats([e.n, e.oh, e.ow, e.o], seed + 2);
      const exact = convolution(e, x.values, filter.values, dy.values);
      const ofHalves = convolution(e, ofRounded(x).values, ofRounded(filter).values, ofRounded(dy).values);
      for (const multiplier of all) {
        for (const precision of ['high', 'default'] as const) {
          const made = inPrecision(multiplier, precision, () => kernels(multiplier.name, e, pad, x, filter, dy));
          ['y', 'dx', 'dw'].forEach((what, i) => {
            expectWithin(made[i], exact[i] as Sums, precision, `${what} ${multiplier.title}`);
            if (precision === 'default')
              expectWithin(made[i], ofHalves[i] as Sums, 'rounded', `${what} ${multiplier.title}`);
          });
        }
      }
    },
  );

  const side = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(15, 16, 17, 31, 33, 64, 65));
  test.prop([fc.tuple(side, side, side), fc.boolean(), fc.boolean(), seeds], { numRuns: 60, seed: 2 })(
    'in products of matrices are within their bounds of float64, empty ones too',
    ([m, n, k], transposeA, transposeB, seed) => {
      const a = floats(transposeA ? [2, k, m] : [2, m, k], seed);
      const b = floats(transposeB ? [1, n, k] : [1, k, n], seed + 1);
      const reference = (of: (x: number) => number): readonly Sums[] =>
        [0, 1].map((matrix) =>
          product(
            [m, n, k],
            (i, l) => of(a.values[matrix * m * k + (transposeA ? l * m + i : i * k + l)] ?? 0),
            (l, j) => of(b.values[transposeB ? j * k + l : l * n + j] ?? 0),
          ),
        );
      const [exact, ofHalves] = [reference((x) => x), reference(rounded)];
      for (const multiplier of all) {
        for (const precision of ['high', 'default'] as const) {
          const [c] = inPrecision(multiplier, precision, () =>
            runKernel(multiplier.name, 'BatchMatMul', { a, b }, { transposeA, transposeB }),
          );
          for (const i of [0, 1]) {
            const values = Array.from(c?.values ?? []).slice(i * m * n, (i + 1) * m * n);
            const own: Plain = { values, shape: [m, n], dtype: 'float32' };
            expectWithin(own, exact[i] as Sums, precision, multiplier.title);
            if (precision === 'default') expectWithin(own, ofHalves[i] as Sums, 'rounded', multiplier.title);
          }
        }
      }
    },
  );
});

/** Where two lists of numbers first differ, -1 for nowhere: `toEqual` takes seconds for so many. */
const differing = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Array.from(a).findIndex((value, i) => !Object.is(value, b[i])) : b.length;

describe.each(all)('$title', (multiplier) => {
  const { name, library } = multiplier;

  test('numbers are rounded to nearest even, and those that are none stay so', () => {
    const x = [
      1 + 2 ** -8,
      1 + 3 * 2 ** -8,
      -1 - 2 ** -8 - 2 ** -20,
      3.4e38,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      1e-40,
      -0,
    ];
    const times = (precision: 'high' | 'default'): readonly number[] => {
      const a: Plain = { values: x, shape: [1, x.length, 1], dtype: 'float32' };
      const one: Plain = { values: [1], shape: [1, 1, 1], dtype: 'float32' };
      const [c] = inPrecision(multiplier, precision, () =>
        runKernel(name, 'BatchMatMul', { a, b: one }, { transposeA: false, transposeB: false }),
      );
      return Array.from(c?.values ?? []);
    };
    const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
    expect(times('default').map((value) => value + 0)).toEqual([1, 1 + 2 ** -6, -1 - 2 ** -7, inf, inf, nan, 0, 0]);
    const high = times('high');
    expect(high.slice(0, 3)).toEqual([1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8]);
    expect(Math.abs((high[3] ?? 0) / 3.4e38 - 1)).toBeLessThan(2 ** -16);
    expect(high.slice(5).map((value) => value + 0)).toEqual([nan, 0, 0]);
  });

  test('the same bits come for any number of threads, and from a run before', () => {
    const e = { n: 5, h: 13, w: 13, c: 24, kh: 3, kw: 3, o: 40, oh: 13, ow: 13, sh: 1, sw: 1, d: 1, top: 1, left: 1 };
    const [x, filter, dy] = [floats([5, 13, 13, 24], 3), floats([3, 3, 24, 40], 4), floats([5, 13, 13, 40], 5)];
    const [a, b] = [floats([1, 150, 301], 9), floats([1, 301, 170], 10)];
    const threads = library.steppe_threads();
    const run = (): readonly Plain[] => [
      ...kernels(name, e, 'same', x, filter, dy),
      ...runKernel(name, 'BatchMatMul', { a, b }, { transposeA: false, transposeB: false }),
    ];
    for (const precision of ['high', 'default'] as const) {
      inPrecision(multiplier, precision, () => {
        library.steppe_set_threads(1);
        const alone = run();
        library.steppe_set_threads(3);
        expect(run().map(({ values }, i) => differing(values, alone[i]?.values ?? []))).toEqual([-1, -1, -1, -1]);
      });
    }
    library.steppe_set_threads(threads);
  });

  test('a precision pays by tiles, in default perhaps by dot products, and never in float32 instructions', () => {
    const pays = inPrecision(multiplier, 'highest', () => [0, 1, 2].map((code) => library.steppe_bf16_pays(code)));
    expect(pays.join()).toMatch([/^0,0,0$/, /^0,0,[01]$/, /^0,1,1$/][multiplier.unit] ?? /never/);
  });

  test('what stays in float32 has the bits of highest, and what does not is rounded', () => {
    const [x, filter, bias] = [floats([2, 6, 6, 5], 1), floats([3, 3, 5, 7], 2), floats([7], 3)];
    const attrs = { strides: [1, 1], dilations: [1, 1], pad: 'same', dataFormat: 'NHWC', activation: 'relu' };
    const run = (): readonly Plain[] => runKernel(name, 'FusedConv2D', { x, filter, bias }, attrs);
    const exact = inPrecision(multiplier, 'highest', run);
    const backend = tf.findBackend(name) as unknown as PreciseBackend;
    backend.inFloat32 = ['default'];
    try {
      expect(inPrecision(multiplier, 'default', run)).toEqual(exact);
      expect(inPrecision(multiplier, 'high', run)).not.toEqual(exact);
    } finally {
      backend.inFloat32 = [];
    }
    expect(inPrecision(multiplier, 'default', run)).not.toEqual(exact);
  });

  test('depthwise convolutions are float32 in every precision', () => {
    const [x, filter] = [floats([2, 5, 5, 7], 1), floats([3, 3, 7, 2], 2)];
    const run = (): readonly Plain[] =>
      runKernel(name, 'DepthwiseConv2dNative', { x, filter }, { strides: [1, 1], dilations: [1, 1], pad: 'same' });
    expect(inPrecision(multiplier, 'default', run)).toEqual(inPrecision(multiplier, 'highest', run));
  });
});

test('what is no precision is refused where it is set, and leaves what there was', () => {
  const backend = tf.findBackend(all[0]?.name ?? '') as unknown as { precision: unknown; inFloat32: unknown };
  for (const odd of ['low', 'HIGH', '', 0, null, undefined, NaN, ['high'], { precision: 'high' }]) {
    expect(() => {
      backend.precision = odd;
    }).toThrow(/^precision must be one of highest, high, default, got /);
    expect(() => {
      backend.inFloat32 = Array.isArray(odd) ? 'high' : [odd];
    }).toThrow(/^inFloat32 must be (one of highest, high, default|a list of precisions), got /);
  }
  expect([backend.precision, backend.inFloat32]).toEqual(['highest', []]);
});
