import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectSameAsCpu, inner, type Plain, plus, runKernel, tensorOf } from '../support.ts';

type Attributes = {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
};

const pair = (max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

const outputOf = (shape: readonly number[], { filterSize, strides, pad }: Attributes): readonly number[] =>
  tf.backend_util.computePool2DInfo(shape as [number, number, number, number], filterSize, strides, 1, pad, 'floor')
    .outShape;

const pooling = fc
  .record({
    shape: fc.tuple(...[2, 7, 7, 3].map((max) => fc.integer({ min: 1, max }))),
    attributes: fc
      .record({ filterSize: pair(3), strides: pair(3), pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1) })
      // tfjs works sizes out wrongly for padding by a number with oblong windows; a window inside the padding has no
      // maximum.
      .filter(
        ({ filterSize: [h, w], strides: [down, across], pad }) =>
          typeof pad === 'string' || (h === w && down === across && h > pad),
      )
      .map((a): Attributes & { dimRoundingMode: 'floor' } => ({ ...a, dimRoundingMode: 'floor' })),
  })
  .filter(({ shape, attributes }) => outputOf(shape, attributes).every((size) => size > 0))
  .chain(({ shape, attributes }) =>
    fc.record({
      attributes: fc.constant(attributes),
      // All below zero, where the stock kernel fails; ties included.
      input: tensorOf(shape, fc.integer({ min: -9, max: -1 })),
      dy: tensorOf(outputOf(shape, attributes)),
    }),
  );

describe('the gradient of max pooling on WASM', () => {
  test.prop([pooling])('is that of the CPU, ties and negative windows included', async ({ input, dy, attributes }) => {
    const output = await runKernel('cpu', 'MaxPool', { x: input }, attributes);
    await expectSameAsCpu('MaxPoolGrad', { dy, input, output }, attributes);
  });

  test.prop([pooling])('is that of finite differences where no window has a tie', async ({ input, dy, attributes }) => {
    const distinct: Plain = { ...input, values: input.values.map((_, i) => -1 - ((i * 7919) % 6007) / 100) };
    const direction: Plain = { ...input, values: input.values.map((_, i) => ((i * 31) % 17) - 8) };
    const output = await runKernel('cpu', 'MaxPool', { x: distinct }, attributes);
    const dx = await runKernel('wasm', 'MaxPoolGrad', { dy, input: distinct, output }, attributes);
    // Neighbours differ by 0.01 at least, so steps of 0.0005 · 8 change no winner.
    const step = 2 ** -11;
    const loss = async (x: Plain): Promise<number> => inner(await runKernel('cpu', 'MaxPool', { x }, attributes), dy);
    const slope =
      ((await loss(plus(distinct, direction, step))) - (await loss(plus(distinct, direction, -step)))) / (2 * step);
    expect(Math.abs(inner(dx, direction) - slope)).toBeLessThan(0.1 * (1 + Math.hypot(...dy.values)));
  });

  it('reaches the maxima of a window of -20s and above', async () => {
    const input: Plain = { shape: [1, 4, 4, 1], values: [...Array(16).keys()].map((i) => i - 20), dtype: 'float32' };
    const dy: Plain = { shape: [1, 2, 2, 1], values: [1, 2, 3, 4], dtype: 'float32' };
    const dx = await runKernel(
      'wasm',
      'MaxPoolGrad',
      { dy, input, output: dy },
      { filterSize: 2, strides: 2, pad: 'valid' },
    );
    expect(dx.values).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4]);
  });
});
