import { backend_util } from '@tensorflow/tfjs-core';

type Shape4 = [number, number, number, number];

type Pad = 'valid' | 'same' | number | backend_util.ExplicitPadding;

/** Pixels for all sides, side by side: of one number, tfjs works out the width by the filter's height. */
export const sides = (pad: Pad): 'valid' | 'same' | backend_util.ExplicitPadding =>
  typeof pad === 'number'
    ? [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]
    : pad;

/** The attributes that the convolution kernels share. */
export type ConvAttributes = {
  readonly strides: [number, number] | number;
  readonly pad: Pad;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
};

/** Where the pixels of a convolution lie: tfjs's sizes, with every pixel of the input and output that a filter's tap
 * joins. */
export type ConvGeometry = backend_util.Conv2DInfo & {
  /** Names the geometry but for the batch, for caches. */
  readonly key: string;
};

/**
 * Works out the sizes of a convolution.
 *
 * @throws When the images are not `[batch, height, width, channels]`: the WASM backend has no other order.
 */
export function convGeometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
  depthwise = false,
): ConvGeometry {
  const { strides, pad, dataFormat = 'NHWC', dimRoundingMode } = attributes;
  if (dataFormat !== 'NHWC')
    throw new Error(
      `The WASM backend convolves NHWC images only, got ${dataFormat}: transpose them with [0, 2, 3, 1].`,
    );
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides,
    attributes.dilations ?? 1,
    sides(pad),
    dimRoundingMode,
    depthwise,
  );
  // Where no window fits, tfjs counts below zero: there is no output pixel then.
  const [outHeight, outWidth] = [Math.max(0, info.outHeight) + 0, Math.max(0, info.outWidth) + 0];
  const outShape: Shape4 = [info.batchSize, outHeight, outWidth, info.outChannels];
  const { inShape, filterShape: filter, padInfo } = info;
  const rest = [
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    padInfo.top,
    padInfo.left,
  ];
  return {
    ...info,
    outHeight,
    outWidth,
    outShape,
    key: [...inShape.slice(1), ...filter, ...outShape.slice(1), ...rest].join(),
  };
}
