import { fc, test } from '@fast-check/vitest';
import { describe } from 'vitest';
import { expectClose, number, type Plain, runKernel, tensorOf } from '../support.ts';

const side = fc.integer({ min: 1, max: 6 });
const resize = fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, fc.integer({ min: 1, max: 3 })).chain((shape) =>
  fc.record({
    images: tensorOf(shape, fc.oneof({ weight: 20, arbitrary: number }, fc.constantFrom(3e38, -3e38))),
    size: fc.tuple(side, side),
    attributes: fc.constantFrom(
      { alignCorners: false, halfPixelCenters: false },
      { alignCorners: false, halfPixelCenters: true },
      { alignCorners: true, halfPixelCenters: false },
    ),
  }),
);

/** A resized image in float64, from the definition: w = (1 - t)·a + t·b along each side, for what has a weight. */
function reference({ shape, values }: Plain, [rows, columns]: readonly number[], align: boolean, half: boolean): Plain {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  const taps = (i: number, from: number, to: number): readonly (readonly [number, number])[] => {
    const scale = align && to > 1 ? (from - 1) / (to - 1) : from / to;
    const at = half ? scale * (i + 0.5) - 0.5 : scale * i;
    const low = Math.max(0, Math.floor(at));
    return [[low, 1 - (at - low)] as const, [Math.min(from - 1, Math.ceil(at)), at - low] as const];
  };
  const out: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < (rows ?? 0); i++)
      for (let j = 0; j < (columns ?? 0); j++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (const [row, down] of taps(i, height, rows ?? 0))
            for (const [column, across] of taps(j, width, columns ?? 0))
              sum += down * across * (values[((b * height + row) * width + column) * channels + c] ?? 0);
          out.push(Math.fround(sum));
        }
  return { shape: [batch, rows ?? 0, columns ?? 0, channels], values: out, dtype: 'float32' };
}

describe('images on WASM', () => {
  test.prop([resize])('are resized as their definition says, also near the largest numbers', async (given) => {
    const { images, size, attributes } = given;
    const { alignCorners, halfPixelCenters } = attributes;
    const got = await runKernel('wasm', 'ResizeBilinear', { images }, { ...attributes, size });
    expectClose(got, reference(images, size, alignCorners, halfPixelCenters), 1e-6);
  });

  test.prop([resize, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)])(
    'keep what is not finite where it has a weight alone',
    async ({ images, size, attributes }, odd) => {
      const [, ...values] = images.values;
      const inputs = { images: { ...images, values: [odd, ...values.map((x) => Math.sign(x))] } };
      const run = (backend: 'wasm' | 'cpu') => runKernel(backend, 'ResizeBilinear', inputs, { ...attributes, size });
      // Where it went is compared: the CPU's, which is corrected, is held to the rule by tests of its own.
      const holes = ({ values: all, ...rest }: Plain): Plain => ({
        ...rest,
        values: all.map((x) => +!Number.isFinite(x)),
      });
      expectClose(holes(await run('wasm')), holes(await run('cpu')), 0);
    },
  );
});
