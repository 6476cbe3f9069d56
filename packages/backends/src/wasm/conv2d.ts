import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput, type TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, type ConvGeometry, convGeometry } from './conv-geometry.ts';
import { type Gather, runGather } from './gather.ts';
import { addressOf } from './heap.ts';
import { type WasmKernel, wasmKernel } from './kernel.ts';
import { runOuter } from './outer.ts';

/** The input pixel that a tap falls on at an output pixel: position · stride + tap · dilation - padding along both
 * axes; negative outside. */
const onInput =
  (g: ConvGeometry) =>
  (pixel: number, tap: number): number => {
    const down = Math.floor(tap / g.filterWidth) * g.dilationHeight - g.padInfo.top;
    const across = (tap % g.filterWidth) * g.dilationWidth - g.padInfo.left;
    const row = Math.floor(pixel / g.outWidth) * g.strideHeight + down;
    const column = (pixel % g.outWidth) * g.strideWidth + across;
    return row >= 0 && row < g.inHeight && column >= 0 && column < g.inWidth ? row * g.inWidth + column : -1;
  };

/** The output pixels as products of gathered input pixels with the filter. */
const forward = (g: ConvGeometry): Gather => ({
  images: g.batchSize,
  inputRows: g.inHeight * g.inWidth,
  outputRows: g.outHeight * g.outWidth,
  depth: g.inChannels,
  columns: g.outChannels,
  taps: g.filterHeight * g.filterWidth,
  groups: () => [[...Array(g.outHeight * g.outWidth).keys()]],
  source: onInput(g),
  key: `forward;${g.key}`,
});

/** The output position that a tap joins with an input position, negative where there is none. */
const onOutput = (input: number, offset: number, stride: number, size: number): number => {
  const output = (input + offset) / stride;
  return Number.isInteger(output) && output < size ? output : -1;
};

/**
 * The gradient's input pixels as products of gathered output pixels with the transposed filter; strides leave no zeros
 * to multiply.
 *
 * A transposed convolution may hand over more output pixels than the convolution has: `dyShape` says how they lie, and
 * those are not read.
 */
const backward = (g: ConvGeometry, [, dyHeight = 0, dyWidth = 0]: readonly number[]): Gather => ({
  images: g.batchSize,
  inputRows: dyHeight * dyWidth,
  outputRows: g.inHeight * g.inWidth,
  depth: g.outChannels,
  columns: g.inChannels,
  taps: g.filterHeight * g.filterWidth,
  groups: () => {
    // Input pixels of the same phase of the stride meet the same taps.
    const phases = Array.from({ length: g.strideHeight * g.strideWidth }, (): number[] => []);
    for (let pixel = 0; pixel < g.inHeight * g.inWidth; pixel++) {
      const phase =
        (Math.floor(pixel / g.inWidth) % g.strideHeight) * g.strideWidth + ((pixel % g.inWidth) % g.strideWidth);
      phases[phase]?.push(pixel);
    }
    return phases;
  },
  source: (pixel, tap) => {
    const down = g.padInfo.top - Math.floor(tap / g.filterWidth) * g.dilationHeight;
    const across = g.padInfo.left - (tap % g.filterWidth) * g.dilationWidth;
    const row = onOutput(Math.floor(pixel / g.inWidth), down, g.strideHeight, g.outHeight);
    const column = onOutput(pixel % g.inWidth, across, g.strideWidth, g.outWidth);
    return row < 0 || column < 0 ? -1 : row * dyWidth + column;
  },
  key: `backward;${g.key};${dyHeight};${dyWidth}`,
});

/** Convolves: `Conv2D`. */
export const conv2d: WasmKernel = wasmKernel<{ x: TensorInfo; filter: TensorInfo }, ConvAttributes>(
  Conv2D,
  (backend, { x, filter }, attributes) => {
    const geometry = convGeometry(x.shape, filter.shape, attributes);
    const { inChannels, outChannels, outShape } = geometry;
    const out = backend.makeOutput(outShape, 'float32');
    const strides = { tapStride: inChannels * outChannels, depthStride: outChannels, columnStride: 1 };
    const weights = { address: addressOf(backend, filter), ...strides };
    runGather(backend, forward(geometry), addressOf(backend, x), weights, addressOf(backend, out));
    return out;
  },
);

/** Computes the gradient of a convolution for its input: `Conv2DBackpropInput`. */
export const conv2dBackpropInput: WasmKernel = wasmKernel<
  { dy: TensorInfo; filter: TensorInfo },
  ConvAttributes & { readonly inputShape: readonly number[] }
>(Conv2DBackpropInput, (backend, { dy, filter }, attributes) => {
  const geometry = convGeometry(attributes.inputShape, filter.shape, attributes);
  const { inChannels, outChannels, inShape } = geometry;
  const out = backend.makeOutput(inShape, 'float32');
  const strides = { tapStride: inChannels * outChannels, depthStride: 1, columnStride: outChannels };
  const weights = { address: addressOf(backend, filter), ...strides };
  runGather(backend, backward(geometry, dy.shape), addressOf(backend, dy), weights, addressOf(backend, out));
  return out;
});

/** Computes the gradient of a convolution for its filter: `Conv2DBackpropFilter`. */
export const conv2dBackpropFilter: WasmKernel = wasmKernel<
  { x: TensorInfo; dy: TensorInfo },
  ConvAttributes & { readonly filterShape: readonly number[] }
>(Conv2DBackpropFilter, (backend, { x, dy }, attributes) => {
  const geometry = convGeometry(x.shape, attributes.filterShape, attributes);
  const out = backend.makeOutput(geometry.filterShape, 'float32');
  runOuter(
    backend,
    {
      images: geometry.batchSize,
      leftRows: geometry.inHeight * geometry.inWidth,
      rightRows: geometry.outHeight * geometry.outWidth,
      rows: geometry.inChannels,
      columns: geometry.outChannels,
      taps: geometry.filterHeight * geometry.filterWidth,
      partner: onInput(geometry),
      key: `filter;${geometry.key}`,
    },
    addressOf(backend, x),
    addressOf(backend, dy),
    addressOf(backend, out),
  );
  return out;
});
