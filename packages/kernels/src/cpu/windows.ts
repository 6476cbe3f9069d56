import {
  AvgPool,
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  FusedConv2D,
  FusedDepthwiseConv2D,
  MaxPool,
  MaxPoolGrad,
  MaxPoolWithArgmax,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Compute, type Correction, correction, none } from './correction.ts';

type Attributes = {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly filterSize: [number, number] | number;
  readonly filterShape: readonly number[];
  readonly inputShape: readonly number[];
};
type Inputs = { readonly [name in 'x' | 'filter' | 'input']: TensorInfo };
type Shape = [number, number, number, number];
type OutputShape = (inputs: Inputs, attrs: Attributes) => readonly number[];

const conv =
  (image: (inputs: Inputs, attrs: Attributes) => readonly number[], filter: typeof image, depthwise = false) =>
  (inputs: Inputs, attrs: Attributes): readonly number[] =>
    backend_util.computeConv2DInfo(
      image(inputs, attrs) as Shape,
      filter(inputs, attrs) as Shape,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
      attrs.dimRoundingMode ?? undefined,
      depthwise,
      attrs.dataFormat === 'NCHW' && !depthwise ? 'channelsFirst' : 'channelsLast',
    ).outShape;

const pool =
  (image: (inputs: Inputs) => readonly number[]) =>
  (inputs: Inputs, { filterSize, strides, pad, dimRoundingMode }: Attributes): readonly number[] =>
    backend_util.computePool2DInfo(image(inputs) as Shape, filterSize, strides, 1, pad, dimRoundingMode ?? undefined)
      .outShape;

const ofX = ({ x }: Inputs): readonly number[] => x.shape;
const ofFilter = ({ filter }: Inputs): readonly number[] => filter.shape;
const ofInput = ({ input }: Inputs): readonly number[] => input.shape;
const filterShape = (_: Inputs, attrs: Attributes): readonly number[] => attrs.filterShape;
const inputShape = (_: Inputs, attrs: Attributes): readonly number[] => attrs.inputShape;

/** No extent is negative, and 0 has no sign. */
const clamped = (shape: readonly number[]): number[] => shape.map((extent) => Math.max(0, extent));
const isEmpty = (shape: readonly number[]): boolean => !shape.every((extent) => extent > 0);

const wrong = 'a window larger than the image gave negative extents; the result is empty';

const forward = (kernel: string, shapeOf: OutputShape): Correction =>
  correction<keyof Inputs, Attributes>(kernel, wrong, (backend, inputs, attrs) => {
    const shape = shapeOf(inputs, attrs);
    return isEmpty(shape) ? none(backend, clamped(shape), inputs.x.dtype) : undefined;
  });

const gradient = (kernel: string, outputOf: OutputShape, shapeOf: OutputShape): Correction =>
  correction<keyof Inputs, Attributes>(kernel, `${wrong}, its gradient zero`, (backend, inputs, attrs) => {
    if (!isEmpty(outputOf(inputs, attrs))) return undefined;
    const shape = [...shapeOf(inputs, attrs)];
    return backend.makeTensorInfo(shape, 'float32', new Float32Array(shape.reduce((size, n) => size * n, 1)));
  });

const positions: Compute<keyof Inputs, Attributes> = (backend, inputs, attrs) => {
  const shape = pool(ofX)(inputs, attrs);
  if (!isEmpty(shape)) return undefined;
  const pooled = none(backend, clamped(shape), inputs.x.dtype);
  return [pooled, none(backend, clamped(shape), 'int32')];
};

/** Convolutions and pools with windows that are larger than their images. */
export const windowCorrections: readonly Correction[] = [
  forward(Conv2D, conv(ofX, ofFilter)),
  forward(FusedConv2D, conv(ofX, ofFilter)),
  gradient(Conv2DBackpropInput, conv(inputShape, ofFilter), inputShape),
  gradient(Conv2DBackpropFilter, conv(ofX, filterShape), filterShape),
  forward(DepthwiseConv2dNative, conv(ofX, ofFilter, true)),
  forward(FusedDepthwiseConv2D, conv(ofX, ofFilter, true)),
  gradient(DepthwiseConv2dNativeBackpropInput, conv(inputShape, ofFilter, true), inputShape),
  gradient(DepthwiseConv2dNativeBackpropFilter, conv(ofX, filterShape, true), filterShape),
  forward(MaxPool, pool(ofX)),
  forward(AvgPool, pool(ofX)),
  gradient(MaxPoolGrad, pool(ofInput), ofInput),
  correction(MaxPoolWithArgmax, wrong, positions),
];
