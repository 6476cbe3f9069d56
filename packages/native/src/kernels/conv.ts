import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { oneOf, wholes } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { shaped } from '../arguments/tensors.ts';
import { checkWindow, windowOf } from '../arguments/window.ts';
import type { Address } from '../library.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, precisionCode, type Runtime, withScratch } from '../runtime.ts';
import { filled } from './fill.ts';
import { writeConv } from './shape.ts';

type Call = (first: Address, second: Address, out: Address, scratch: Address) => number;

/** Runs one of the six convolutions of steppe.h; `which` is its number there. */
export function convolve(
  runtime: Runtime,
  which: number,
  info: backend_util.Conv2DInfo,
  first: TensorInfo,
  second: TensorInfo,
  shape: number[],
  fusion: Address = 0,
): TensorInfo {
  const { library, storage, words, wordsAddress: p } = runtime;
  const calls: readonly Call[] = [
    (x, w, y, scratch) => library.steppe_conv2d(x, w, y, p, fusion, scratch),
    (dy, w, dx, scratch) => library.steppe_conv2d_input_grad(dy, w, dx, p, scratch),
    (x, dy, dw, scratch) => library.steppe_conv2d_filter_grad(x, dy, dw, p, 0, scratch),
    (x, w, y, scratch) => library.steppe_depthwise(x, w, y, p, scratch),
    (dy, w, dx, scratch) => library.steppe_depthwise_input_grad(dy, w, dx, p, scratch),
    (x, dy, dw, scratch) => library.steppe_depthwise_filter_grad(x, dy, dw, p, scratch),
  ];
  if ([first.shape, second.shape, shape].some((extents) => sizeOf(extents) === 0))
    return filled(runtime, shape, 'float32', 0);
  const a = storage.get(first.dataId).address;
  const b = storage.get(second.dataId).address;
  const y = storage.output(shape, 'float32');
  writeConv(words, info, precisionCode(runtime));
  withScratch(runtime, library.steppe_conv2d_scratch(p, which), (scratch) => {
    check(calls[which]?.(a, b, storage.get(y.dataId).address, scratch) ?? 2);
  });
  return y;
}

/** Whether these are float32 images with the channels last, which is what the C kernels take. */
export function ours(a: TensorInfo, b: TensorInfo, dataFormat: string | undefined): boolean {
  return a.dtype === 'float32' && b.dtype === 'float32' && oneOf('dataFormat', dataFormat, ['NHWC', 'NCHW']) === 'NHWC';
}

/** Convolutions and depthwise convolutions of images, with their gradients. */
export function convKernels(runtime: Runtime): Kernel[] {
  return [
    kernel<'x' | 'filter', Conv2DAttrs>('Conv2D', ({ x, filter }, attrs) => {
      checkWindow(attrs);
      if (!ours(x, filter, attrs.dataFormat)) return undefined;
      const info = windowOf(x.shape, filter.shape, attrs);
      return convolve(runtime, 0, info, x, filter, info.outShape);
    }),
    kernel<'dy' | 'filter', Conv2DBackpropInputAttrs>('Conv2DBackpropInput', ({ dy, filter }, attrs) => {
      checkWindow(attrs);
      wholes('inputShape', attrs.inputShape, 0, 4);
      if (!ours(dy, filter, attrs.dataFormat)) return undefined;
      const info = windowOf(attrs.inputShape, filter.shape, attrs);
      // A transposed convolution may be given more rows and columns than its output needs: JavaScript leaves them out.
      const [batch, height = 0, width = 0, channels] = dy.shape;
      const [n, h, w, c] = info.outShape;
      const more = dy.shape.length === 4 && batch === n && channels === c && height >= h && width >= w;
      if (more && (height > h || width > w)) return undefined;
      shaped('dy', dy, info.outShape);
      return convolve(runtime, 1, info, dy, filter, info.inShape);
    }),
    kernel<'x' | 'dy', Conv2DBackpropFilterAttrs>('Conv2DBackpropFilter', ({ x, dy }, attrs) => {
      checkWindow(attrs);
      wholes('filterShape', attrs.filterShape, 0, 4);
      if (!ours(x, dy, attrs.dataFormat)) return undefined;
      const info = windowOf(x.shape, attrs.filterShape, attrs);
      shaped('dy', dy, info.outShape);
      return convolve(runtime, 2, info, x, dy, info.filterShape);
    }),
    kernel<'x' | 'filter', DepthwiseConv2dNativeAttrs>('DepthwiseConv2dNative', ({ x, filter }, attrs) => {
      checkWindow(attrs);
      if (!ours(x, filter, 'NHWC')) return undefined;
      const { strides } = attrs;
      const dilations = attrs.dilations ?? [1, 1];
      if (!backend_util.eitherStridesOrDilationsAreOne(strides, dilations))
        refuse('strides or dilations', '1', [strides, dilations].flat());
      const info = windowOf(x.shape, filter.shape, attrs, true);
      return convolve(runtime, 3, info, x, filter, info.outShape);
    }),
    kernel<'dy' | 'filter', DepthwiseConv2dNativeBackpropInputAttrs>(
      'DepthwiseConv2dNativeBackpropInput',
      ({ dy, filter }, attrs) => {
        checkWindow(attrs);
        wholes('inputShape', attrs.inputShape, 0, 4);
        if (!ours(dy, filter, 'NHWC')) return undefined;
        const info = windowOf(attrs.inputShape, filter.shape, attrs, true);
        shaped('dy', dy, info.outShape);
        return convolve(runtime, 4, info, dy, filter, info.inShape);
      },
    ),
    kernel<'x' | 'dy', DepthwiseConv2dNativeBackpropFilterAttrs>(
      'DepthwiseConv2dNativeBackpropFilter',
      ({ x, dy }, attrs) => {
        checkWindow(attrs);
        wholes('filterShape', attrs.filterShape, 0, 4);
        if (!ours(x, dy, 'NHWC')) return undefined;
        const info = windowOf(x.shape, attrs.filterShape, attrs, true);
        shaped('dy', dy, info.outShape);
        return convolve(runtime, 5, info, x, dy, info.filterShape);
      },
    ),
  ];
}
