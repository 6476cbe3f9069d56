import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { sides } from '../../src/wasm/conv-geometry.ts';
import { expectClose, expectSameAsCpu, type Plain, runKernel, tensorOf } from '../support.ts';
import { expectFiniteDifferences } from './bilinear.ts';

type Conv = { readonly input: readonly number[]; readonly filter: readonly number[]; readonly attributes: Attributes };
type Attributes = {
  readonly strides: [number, number];
  readonly pad: tf.backend_util.ExplicitPadding | 'same' | 'valid' | number;
  readonly dilations: [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat: 'NHWC';
};

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pair = (max: number): fc.Arbitrary<[number, number]> => fc.tuple(upTo(max), upTo(max));
const side = fc.integer({ min: 0, max: 2 });

const outputOf = ({ input, filter, attributes }: Conv): readonly number[] => {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  type Four = [number, number, number, number];
  return tf.backend_util.computeConv2DInfo(
    input as Four,
    filter as Four,
    strides,
    dilations,
    sides(pad),
    dimRoundingMode,
  ).outShape;
};

const fits = (conv: Conv): boolean => {
  try {
    return outputOf(conv).every((size) => size > 0);
  } catch {
    return false;
  }
};

/** Convolutions of every kind of stride, padding, dilation and rounding; channels around the blocks of 4 and 8. */
const convolution = (dilation: number): fc.Arbitrary<Conv> =>
  fc
    .record({
      input: fc.tuple(upTo(3), upTo(9), upTo(9), fc.constantFrom(1, 3, 4, 5, 8)),
      window: pair(4),
      channels: fc.constantFrom(1, 3, 4, 7, 8, 10, 16),
      strides: pair(3),
      dilations: pair(dilation),
      pad: fc.oneof(
        fc.constantFrom('same' as const, 'valid' as const),
        fc.tuple(side, side, side, side).map(
          ([top, bottom, left, right]): tf.backend_util.ExplicitPadding => [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ],
        ),
        fc.tuple(side, fc.constantFrom('floor' as const, 'ceil' as const, 'round' as const)),
      ),
    })
    .map(({ input, window, channels, strides, dilations, pad }): Conv => {
      const rounded = typeof pad !== 'string' && typeof pad[0] === 'number' && typeof pad[1] === 'string';
      return {
        input,
        filter: [...window, input[3], channels],
        attributes: {
          strides,
          dilations,
          dataFormat: 'NHWC',
          ...(rounded
            ? { pad: pad[0], dimRoundingMode: pad[1] as 'floor' | 'ceil' | 'round' }
            : { pad: pad as Attributes['pad'] }),
        },
      };
    })
    .filter(fits);

/** A convolution with an input, a filter, a gradient of its output, and directions to move in. */
const withTensors = (dilation: number) =>
  convolution(dilation).chain((conv) =>
    fc.record({
      conv: fc.constant(conv),
      x: tensorOf(conv.input),
      filter: tensorOf(conv.filter),
      dy: tensorOf(outputOf(conv)),
      along: tensorOf(conv.input),
      across: tensorOf(conv.filter),
    }),
  );

describe('convolutions on WASM', () => {
  test.prop([withTensors(2)])('give what the CPU gives', ({ conv, x, filter }) =>
    expectSameAsCpu('Conv2D', { x, filter }, conv.attributes),
  );

  test.prop([withTensors(1)])('have the gradients that they have on the CPU', async ({ conv, x, filter, dy }) => {
    const { attributes, input, filter: filterShape } = conv;
    await expectSameAsCpu('Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: input });
    await expectSameAsCpu('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape });
  });

  test.prop([withTensors(3)])(
    'have the gradients of finite differences, which are exact for a bilinear function',
    ({ conv, ...drawn }) => expectFiniteDifferences('Conv2D', drawn, conv.attributes),
  );

  it('of more images than fit one table of pixels agree with the CPU', async () => {
    const plain = (shape: readonly number[], seed: number): Plain => {
      const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
        Math.fround(Math.sin(i * seed)),
      );
      return { shape, values, dtype: 'float32' };
    };
    const conv = { strides: 1, pad: 1, dilations: 1, dataFormat: 'NHWC' };
    const [x, filter, dy] = [plain([10, 7, 7, 2], 1.3), plain([3, 3, 2, 3], 2.1), plain([10, 7, 7, 3], 0.7)];
    await expectSameAsCpu('Conv2D', { x, filter }, conv);
    await expectSameAsCpu('Conv2DBackpropInput', { dy, filter }, { ...conv, inputShape: x.shape });
    await expectSameAsCpu('Conv2DBackpropFilter', { x, dy }, { ...conv, filterShape: filter.shape });
  });

  it('transposed, may be given more pixels than the convolution has', async () => {
    const plain = (shape: readonly number[]): Plain => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { shape, values: Array.from({ length: size }, (_, i) => Math.fround(Math.sin(i))), dtype: 'float32' };
    };
    const [dy, filter] = [plain([2, 6, 5, 3]), plain([3, 3, 2, 3])];
    const conv = { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC', inputShape: [2, 4, 3, 2] };
    await expectSameAsCpu('Conv2DBackpropInput', { dy, filter }, conv);
  });

  it('of a large image go through it in bands', async () => {
    const x: Plain = { shape: [1, 24, 30, 4], values: Array(24 * 30 * 4).fill(0.5), dtype: 'float32' };
    const dy: Plain = { shape: [1, 24, 30, 8], values: Array(24 * 30 * 8).fill(1), dtype: 'float32' };
    const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 4, 8] };
    const dw = await runKernel('wasm', 'Conv2DBackpropFilter', { x, dy }, attributes);
    // The middle tap meets every pixel, a corner tap all but one row and one column.
    expectClose(
      { ...dw, shape: [2], values: [dw.values[4 * 32] ?? 0, dw.values[0] ?? 0] },
      { shape: [2], values: [24 * 30 * 0.5, 23 * 29 * 0.5], dtype: 'float32' },
    );
  });

  it('refuse images in another order than NHWC', async () => {
    const one: Plain = { shape: [1, 1, 1, 1], values: [1], dtype: 'float32' };
    await expect(
      runKernel(
        'wasm',
        'Conv2D',
        { x: one, filter: one },
        { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NCHW' },
      ),
    ).rejects.toThrow('The WASM backend convolves NHWC images only, got NCHW: transpose them with [0, 2, 3, 1].');
  });
});
