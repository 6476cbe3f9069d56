import {
  AvgPool,
  AvgPoolGrad,
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  Dilation2D,
  Dilation2DBackpropFilter,
  Dilation2DBackpropInput,
  FusedConv2D,
  FusedDepthwiseConv2D,
  MaxPool,
  MaxPoolGrad,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type Correction, type CpuBackend, correction, none } from './correction.ts';

type Attributes = {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly filterSize: [number, number] | number;
  readonly filterShape: readonly number[];
  readonly inputShape: readonly number[];
  readonly leakyreluAlpha?: number;
};
type Padded = {
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
};
type Inputs = { readonly [name in 'x' | 'filter' | 'input']: TensorInfo };
type Shape = [number, number, number, number];
type OutputShape = (inputs: Inputs, attrs: Attributes) => readonly number[];

const isFirst = ({ dataFormat }: Padded): boolean => dataFormat === 'NCHW';

/** A number of pixels of padding as four pairs: of a number tfjs lays the windows along the height over both sides. */
export function explicit<Attrs extends Padded>(attrs: Attrs): Attrs {
  const { pad } = attrs;
  if (typeof pad !== 'number') return attrs;
  const [none, both] = [
    [0, 0],
    [pad, pad],
  ] as [[number, number], [number, number]];
  return { ...attrs, pad: isFirst(attrs) ? [none, none, both, both] : [none, both, both, none] };
}

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
      isFirst(attrs) && !depthwise ? 'channelsFirst' : 'channelsLast',
    ).outShape;

const pool =
  (image: (inputs: Inputs) => readonly number[]) =>
  (inputs: Inputs, { filterSize, strides, pad, dimRoundingMode }: Attributes): readonly number[] =>
    backend_util.computePool2DInfo(image(inputs) as Shape, filterSize, strides, 1, pad, dimRoundingMode ?? undefined)
      .outShape;

const dilated: OutputShape = ({ x, filter }, { strides, pad, dilations }) =>
  backend_util.computeDilation2DInfo(
    x.shape as Shape,
    filter.shape as [number, number, number],
    strides,
    pad as 'valid',
    'NHWC',
    dilations ?? 1,
  ).outShape;

const ofX = ({ x }: Inputs): readonly number[] => x.shape;
const ofFilter = ({ filter }: Inputs): readonly number[] => filter.shape;
const ofInput = ({ input }: Inputs): readonly number[] => input.shape;
const filterShape = (_: Inputs, attrs: Attributes): readonly number[] => attrs.filterShape;
const inputShape = (_: Inputs, attrs: Attributes): readonly number[] => attrs.inputShape;

/** No extent is negative, and 0 has no sign. */
export const clamped = (shape: readonly number[]): number[] => shape.map((extent) => Math.max(0, extent));
export const isEmpty = (shape: readonly number[]): boolean => !shape.every((extent) => extent > 0);

const wrong =
  'a window larger than the image gave negative extents, now an empty result; padding by a number took height for width';

/** Corrects a kernel whose output has this shape: where that is empty by `empty`, else by the stock kernel. */
const windowed = (
  kernel: string,
  outputOf: OutputShape,
  empty: (backend: CpuBackend, inputs: Inputs, attrs: Attributes) => TensorInfo,
  complete: (attrs: Attributes) => Attributes = (attrs) => attrs,
  what: string = wrong,
): Correction =>
  correction<keyof Inputs, Attributes>(kernel, what, (backend, inputs, given, stock) => {
    const attrs = complete(explicit(given));
    if (isEmpty(outputOf(inputs, attrs))) return empty(backend, inputs, attrs);
    return attrs === given ? undefined : stock(inputs, attrs);
  });

const forward = (
  kernel: string,
  shapeOf: OutputShape,
  complete?: (attrs: Attributes) => Attributes,
  what?: string,
): Correction =>
  windowed(
    kernel,
    shapeOf,
    (backend, inputs, attrs) => none(backend, clamped(shapeOf(inputs, attrs)), inputs.x.dtype),
    complete,
    what,
  );

const withAlpha = (attrs: Attributes): Attributes => ({ ...attrs, leakyreluAlpha: attrs.leakyreluAlpha ?? 0.2 });

const fused = (kernel: string, shapeOf: OutputShape): Correction =>
  forward(kernel, shapeOf, withAlpha, `${wrong}; leakyrelu without its alpha gave NaN, now 0.2`);

const gradient = (kernel: string, outputOf: OutputShape, shapeOf: OutputShape): Correction =>
  windowed(kernel, outputOf, (backend, inputs, attrs) => {
    const shape = [...shapeOf(inputs, attrs)];
    return backend.makeTensorInfo(shape, 'float32', new Float32Array(util.sizeFromShape(shape)));
  });

/** Convolutions and pools: where their windows lie. */
export const windowCorrections: readonly Correction[] = [
  forward(Conv2D, conv(ofX, ofFilter)),
  fused(FusedConv2D, conv(ofX, ofFilter)),
  gradient(Conv2DBackpropInput, conv(inputShape, ofFilter), inputShape),
  gradient(Conv2DBackpropFilter, conv(ofX, filterShape), filterShape),
  forward(DepthwiseConv2dNative, conv(ofX, ofFilter, true)),
  fused(FusedDepthwiseConv2D, conv(ofX, ofFilter, true)),
  gradient(DepthwiseConv2dNativeBackpropInput, conv(inputShape, ofFilter, true), inputShape),
  gradient(DepthwiseConv2dNativeBackpropFilter, conv(ofX, filterShape, true), filterShape),
  forward(MaxPool, pool(ofX)),
  forward(AvgPool, pool(ofX)),
  gradient(MaxPoolGrad, pool(ofInput), ofInput),
  gradient(AvgPoolGrad, pool(ofInput), ofInput),
  forward(Dilation2D, dilated),
  gradient(Dilation2DBackpropInput, dilated, ofX),
  gradient(Dilation2DBackpropFilter, dilated, ofFilter),
];
