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

describe.each(natives)('$name', ({ name, library }) => {
  /** Expects dw of a 1x1 filter within its bound of float64, with the same bits on one thread and on two. */
  const check = (
    e: { n: number; h: number; w: number; c: number; o: number; sh: number; sw: number },
    seed: number,
  ) => {
    const [oh, ow] = [Math.ceil(e.h / e.sh), Math.ceil(e.w / e.sw)];
    const x = floats([e.n, e.h, e.w, e.c], seed);
    const dy = floats([e.n, oh, ow, e.o], seed + 1);
    const filter = new Float32Array(e.c * e.o);
    const one = { ...e, kh: 1, kw: 1, oh, ow, d: 1, top: 0, left: 0 };
    const [, , exact] = convolution(one, x.values, filter, dy.values);
    const attrs = { strides: [e.sh, e.sw], pad: 'valid', dataFormat: 'NHWC', filterShape: [1, 1, e.c, e.o] };
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

  test.prop([shapes, seeds], { numRuns: 12, seed: 3 })('sums the gradient of a 1x1 filter over all positions', check);

  test('sums it over many positions, part by part', () => {
    check({ n: 3, h: 20, w: 17, c: 65, o: 68, sh: 1, sw: 1 }, 7);
    check({ n: 7, h: 23, w: 21, c: 66, o: 65, sh: 2, sw: 2 }, 8);
  });
});
