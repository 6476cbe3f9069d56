import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { floats, seeds } from '../support/arbitraries.ts';
import { nativeBackends, runKernel } from '../support/backends.ts';
import { convolution } from '../support/references.ts';

const natives = await nativeBackends();

/** Channels and outputs on both sides of what is summed as one matrix product, and of its regions. */
const wide = fc.constantFrom(63, 64, 65, 80, 130, 256, 257, 300);
const shapes = fc.record({
  n: fc.constantFrom(1, 2, 5),
  h: fc.integer({ min: 1, max: 9 }),
  w: fc.integer({ min: 1, max: 9 }),
  c: wide,
  o: wide,
  sh: fc.integer({ min: 1, max: 3 }),
  sw: fc.integer({ min: 1, max: 3 }),
});

type Strided = Readonly<Record<'n' | 'h' | 'w' | 'c' | 'o' | 'sh' | 'sw', number>>;

describe.each(natives)('$name', ({ name, library }) => {
  /** Expects dw of a k x k filter within its bound of float64, with the same bits on one thread and on two. */
  const check = (e: Strided, seed: number, k = 1): void => {
    const outputs = (extent: number, stride: number): number => Math.ceil(extent / stride);
    const before = (extent: number, stride: number): number =>
      Math.max(0, Math.floor(((outputs(extent, stride) - 1) * stride + k - extent) / 2));
    const [oh, ow] = [outputs(e.h, e.sh), outputs(e.w, e.sw)];
    const x = floats([e.n, e.h, e.w, e.c], seed);
    const dy = floats([e.n, oh, ow, e.o], seed + 1);
    const extents = { ...e, kh: k, kw: k, oh, ow, d: 1, top: before(e.h, e.sh), left: before(e.w, e.sw) };
    const [, , exact] = convolution(extents, x.values, new Float32Array(k * k * e.c * e.o), dy.values);
    const attrs = { strides: [e.sh, e.sw], pad: 'same', dataFormat: 'NHWC', filterShape: [k, k, e.c, e.o] };
    const [alone, together] = [1, 2].map((threads) => {
      library.steppe_set_threads(threads);
      return runKernel(name, 'Conv2DBackpropFilter', { x, dy }, attrs)[0]?.values ?? [];
    });
    expect(together).toEqual(alone);
    const bound = (3 * e.n * oh * ow + 2) * 2 ** -24;
    const off = exact.values.findIndex(
      (value, i) => !(Math.abs((alone?.[i] ?? Number.NaN) - value) <= bound * (exact.magnitudes[i] ?? 0)),
    );
    if (off >= 0) expect.fail(`at ${off} expected ${exact.values[off]}, got ${alone?.[off]}`);
  };

  test.prop([shapes, seeds], { numRuns: 12, seed: 3 })(
    'sums the gradient of a 1x1 filter over all positions',
    (e, seed) => check(e, seed),
  );

  test('sums it over many positions, part by part', () => {
    check({ n: 3, h: 20, w: 17, c: 65, o: 68, sh: 1, sw: 1 }, 7);
    check({ n: 7, h: 23, w: 21, c: 66, o: 65, sh: 2, sw: 2 }, 8);
  });

  test('sums that of a strided 3x3 filter for several panels of outputs, which share a copy of the images', () => {
    check({ n: 2, h: 9, w: 9, c: 66, o: 300, sh: 2, sw: 2 }, 9, 3);
    check({ n: 3, h: 8, w: 7, c: 7, o: 290, sh: 1, sw: 3 }, 10, 3);
  });
});
