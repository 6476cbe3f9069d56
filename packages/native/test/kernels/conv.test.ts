import { fc, test } from '@fast-check/vitest';
import { describe, expect, test as plain } from 'vitest';
import { floats, seeds } from '../support/arbitraries.ts';
import { expectLikeCpu, nativeBackends, runKernel } from '../support/backends.ts';

const natives = await nativeBackends();

const channels = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(7, 8, 16, 17, 32, 33));
const convolutions = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  h: fc.integer({ min: 1, max: 9 }),
  w: fc.integer({ min: 1, max: 9 }),
  c: channels,
  o: channels,
  kh: fc.integer({ min: 1, max: 4 }),
  kw: fc.integer({ min: 1, max: 4 }),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilation: fc.integer({ min: 1, max: 2 }),
  pad: fc.constantFrom('same', 'valid'),
  seed: seeds,
});

describe('convolutions', () => {
  test.prop([convolutions], { numRuns: 120 })(
    'and both gradients give what the JavaScript backend gives',
    ({ n, h, w, c, o, kh, kw, stride, dilation, pad, seed }) => {
      const x = floats([n, Math.max(h, kh), Math.max(w, kw), c], seed);
      const filter = floats([kh, kw, c, o], seed + 1);
      const attrs = { strides: stride, pad, dataFormat: 'NHWC', dimRoundingMode: undefined };
      const outputs = (extent: number, k: number, s: number): number =>
        Math.ceil((pad === 'same' ? extent : extent - k + 1) / s);
      const [, rows = 0, columns = 0] = x.shape;
      const dy = floats([n, outputs(rows, kh, stride[0]), outputs(columns, kw, stride[1]), o], seed + 2);
      expectLikeCpu(natives, 'Conv2D', { x, filter }, { ...attrs, dilations: [1, 1] }, 1e-5);
      expectLikeCpu(natives, 'Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }, 1e-5);
      expectLikeCpu(natives, 'Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }, 1e-5);
      expectLikeCpu(
        natives,
        'Conv2D',
        { x, filter },
        { ...attrs, strides: [1, 1], pad: 'same', dilations: [dilation, dilation] },
        1e-5,
      );
    },
  );

  test.prop([convolutions, fc.integer({ min: 1, max: 3 })])(
    'of each channel give what the JavaScript backend gives',
    ({ n, h, w, c, kh, kw, stride, pad, seed }, multiplier) => {
      const x = floats([n, Math.max(h, kh), Math.max(w, kw), c], seed);
      const filter = floats([kh, kw, c, multiplier], seed + 1);
      const attrs = { strides: stride, pad, dilations: [1, 1], dimRoundingMode: undefined };
      const outputs = (extent: number, k: number, s: number): number =>
        Math.ceil((pad === 'same' ? extent : extent - k + 1) / s);
      const [, rows = 0, columns = 0] = x.shape;
      const dy = floats([n, outputs(rows, kh, stride[0]), outputs(columns, kw, stride[1]), c * multiplier], seed + 2);
      expectLikeCpu(natives, 'DepthwiseConv2dNative', { x, filter }, attrs, 1e-5);
      expectLikeCpu(
        natives,
        'DepthwiseConv2dNativeBackpropInput',
        { dy, filter },
        { ...attrs, inputShape: x.shape },
        1e-5,
      );
      expectLikeCpu(
        natives,
        'DepthwiseConv2dNativeBackpropFilter',
        { x, dy },
        { ...attrs, filterShape: filter.shape },
        1e-5,
      );
    },
  );

  test.prop([convolutions, fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu')])(
    'take a bias and an activation',
    ({ n, h, w, c, o, kh, kw, seed }, activation) => {
      const inputs = {
        x: floats([n, h, w, c], seed),
        filter: floats([kh, kw, c, o], seed + 1),
        bias: floats([o], seed + 2),
      };
      const attrs = {
        strides: [1, 1],
        pad: 'same',
        dataFormat: 'NHWC',
        dilations: [1, 1],
        activation,
        leakyreluAlpha: 0.3,
      };
      expectLikeCpu(natives, 'FusedConv2D', inputs, attrs, 1e-5);
    },
  );
});

const pixels = fc.constantFrom(4, 6, 8, 15);
const wide = fc.constantFrom(64, 80);
const three = { strides: [1, 1], dilations: [1, 1], dataFormat: 'NHWC' } as const;

describe('convolutions of 3 × 3 taps that are wide enough for another basis', () => {
  test.prop([pixels, fc.constantFrom(4, 6), wide, wide, seeds], { numRuns: 6 })(
    'and both gradients give what the JavaScript backend gives',
    (h, w, c, o, seed) => {
      const [x, filter] = [floats([1, h, w, c], seed), floats([3, 3, c, o], seed + 1)];
      const dy = floats([1, h, w, o], seed + 2);
      const attrs = { ...three, pad: 'same' };
      expectLikeCpu(natives, 'Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }, 1e-5);
      expectLikeCpu(natives, 'Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }, 1e-5);
      const fused = { x, filter, bias: floats([o], seed + 3) };
      expectLikeCpu(natives, 'FusedConv2D', fused, { ...attrs, activation: 'relu' }, 1e-5);
    },
  );

  plain.each(natives)('give on $name what their halves give, where the filter exceeds the cache', ({ name }) => {
    const [x, filter] = [floats([1, 22, 20, 144], 1), floats([3, 3, 144, 128], 2)];
    const run = (part: typeof filter): ArrayLike<number> =>
      runKernel(name, 'Conv2D', { x, filter: part }, { ...three, pad: 'same' })[0]?.values ?? [];
    const half = (from: number): typeof filter => ({
      ...filter,
      values: Array.from(
        { length: 9 * 144 * 64 },
        (_, i) => filter.values[Math.floor(i / 64) * 128 + from + (i % 64)] ?? 0,
      ),
      shape: [3, 3, 144, 64],
    });
    const [whole, left, right] = [run(filter), run(half(0)), run(half(64))];
    let worst = 0;
    for (let i = 0; i < whole.length; i++) {
      const part = i % 128 < 64 ? left : right;
      const same = part[Math.floor(i / 128) * 64 + (i % 64)] ?? Number.NaN;
      worst = Math.max(worst, Math.abs((whole[i] ?? 0) - same));
    }
    expect(whole.length).toBe(22 * 20 * 128);
    // Sums of 1296 products of numbers up to 1.
    expect(worst).toBeLessThan(1e-3);
  });
});

const side = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 33, 64));

describe('matrix products', () => {
  test.prop(
    [fc.tuple(side, side, side), fc.constantFrom([1, 1], [3, 3], [1, 3], [3, 1]), fc.boolean(), fc.boolean(), seeds],
    { numRuns: 100 },
  )('give what the JavaScript backend gives', ([m, n, k], [batchA = 1, batchB = 1], transposeA, transposeB, seed) => {
    const a = floats(transposeA ? [batchA, k, m] : [batchA, m, k], seed);
    const b = floats(transposeB ? [batchB, n, k] : [batchB, k, n], seed + 1);
    expectLikeCpu(natives, 'BatchMatMul', { a, b }, { transposeA, transposeB }, 1e-5);
    const bias = floats([n], seed + 2);
    expectLikeCpu(natives, '_FusedMatMul', { a, b, bias }, { transposeA, transposeB, activation: 'relu' }, 1e-5);
  });
});
