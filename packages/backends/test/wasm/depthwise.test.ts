import { fc, test } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { describe } from 'vitest';
import { sides } from '../../src/wasm/conv-geometry.ts';
import { expectSameAsCpu, tensorOf } from '../support.ts';
import { expectFiniteDifferences } from './bilinear.ts';

type Four = [number, number, number, number];
type Attributes = {
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dilations: [number, number];
};

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pair = (max: number): fc.Arbitrary<[number, number]> => fc.tuple(upTo(max), upTo(max));

const outputOf = (input: Four, filter: Four, { strides, dilations, pad }: Attributes): readonly number[] =>
  tf.backend_util.computeConv2DInfo(input, filter, strides, dilations, sides(pad), 'floor', true).outShape;

const depthwise = (dilation: number) =>
  fc
    .record({
      input: fc.tuple(upTo(2), upTo(7), upTo(7), upTo(5)),
      window: pair(3),
      multiplier: upTo(3),
      attributes: fc
        .record({
          strides: pair(3),
          dilations: pair(dilation),
          pad: fc.constantFrom('same' as const, 'valid' as const, 1),
        })
        .map((a): Attributes & { dimRoundingMode: 'floor' } => ({ ...a, dimRoundingMode: 'floor' })),
    })
    .map(({ input, window, multiplier, attributes }) => {
      const filter: Four = [...window, input[3], multiplier];
      return { input: input as Four, filter, attributes };
    })
    .filter(({ input, filter, attributes }) => outputOf(input, filter, attributes).every((size) => size > 0))
    // tfjs takes strides or dilations, not both.
    .filter(({ attributes }) => [attributes.strides, attributes.dilations].some((pair) => pair.every((n) => n === 1)))
    .chain(({ input, filter, attributes }) =>
      fc.record({
        attributes: fc.constant(attributes),
        x: tensorOf(input),
        filter: tensorOf(filter),
        dy: tensorOf(outputOf(input, filter, attributes)),
        along: tensorOf(input),
        across: tensorOf(filter),
      }),
    );

describe('gradients of depthwise convolutions on WASM', () => {
  test.prop([depthwise(1)])('are those of the CPU', async ({ x, filter, dy, attributes }) => {
    const inputShape = x.shape;
    await expectSameAsCpu('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { ...attributes, inputShape });
    const filterShape = filter.shape;
    await expectSameAsCpu('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...attributes, filterShape });
  });

  test.prop([depthwise(2)])('are those of finite differences, with dilations too', ({ attributes, ...drawn }) =>
    expectFiniteDifferences('DepthwiseConv2dNative', drawn, attributes),
  );

  test.prop([tensorOf([1, 4, 4, 5]), tensorOf([2, 2, 5, 1]), fc.constantFrom(0, 1)], { numRuns: 4 })(
    'have windows as wide as their dilations make them, with pixels on every side',
    (x, filter, pad) =>
      expectSameAsCpu('DepthwiseConv2dNative', { x, filter }, { strides: [1, 1], dilations: [1, 2], pad }),
  );
});
