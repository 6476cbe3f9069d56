import * as tf from '@tensorflow/tfjs-core';

type Shape4 = [number, number, number, number];
type Inputs = Readonly<Record<'x' | 'dy' | 'filter', tf.Tensor4D>>;

/** The attributes that the convolution kernels share, with the shape that a gradient gives back. */
type ConvAttributes = {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly inputShape: Shape4;
  readonly filterShape: Shape4;
};

/** What these kernels use of tfjs-node's backend: it runs any operation of TensorFlow by name. */
type TensorFlowBackend = {
  readonly binding: Readonly<Record<'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>>;
  executeSingleOutput(
    operation: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
};

/** A convolution or one of its gradients: the shapes that fix its sizes, and TensorFlow's inputs for it, a shape as a
 * list of integers. */
export type Convolution = {
  readonly name: string;
  readonly depthwise?: boolean;
  readonly shapes: (inputs: Inputs, attributes: ConvAttributes) => readonly [Shape4, Shape4];
  readonly operands: (inputs: Inputs, attributes: ConvAttributes) => readonly (tf.Tensor | readonly number[])[];
};

const forward: Omit<Convolution, 'name'> = {
  shapes: ({ x, filter }) => [x.shape, filter.shape],
  operands: ({ x, filter }) => [x, filter],
};
const toInput: Omit<Convolution, 'name'> = {
  shapes: ({ filter }, { inputShape }) => [inputShape, filter.shape],
  operands: ({ dy, filter }, { inputShape }) => [inputShape, filter, dy],
};
const toFilter: Omit<Convolution, 'name'> = {
  shapes: ({ x }, { filterShape }) => [x.shape, filterShape],
  operands: ({ x, dy }, { filterShape }) => [x, filterShape, dy],
};

/** The convolutions and their gradients. */
export const convolutions: readonly Convolution[] = [
  { name: tf.Conv2D, ...forward },
  { name: tf.Conv2DBackpropInput, ...toInput },
  { name: tf.Conv2DBackpropFilter, ...toFilter },
  { name: tf.DepthwiseConv2dNative, depthwise: true, ...forward },
  { name: tf.DepthwiseConv2dNativeBackpropInput, depthwise: true, ...toInput },
  { name: tf.DepthwiseConv2dNativeBackpropFilter, depthwise: true, ...toFilter },
];

/** Runs a convolution whose padding is a number of pixels, on all sides or on each; undefined where tfjs-node's own
 * kernel knows what to do. */
export function runPadded(
  { name, depthwise = false, shapes, operands }: Convolution,
  backend: unknown,
  namedInputs: unknown,
  namedAttributes: unknown,
): tf.Tensor | undefined {
  const { binding } = backend as TensorFlowBackend;
  const [inputs, attributes] = [namedInputs as Inputs, namedAttributes as ConvAttributes];
  const { strides, pad, dataFormat = 'NHWC', dilations, dimRoundingMode } = attributes;
  const format = dataFormat === 'NHWC' ? 'channelsLast' : 'channelsFirst';
  const info = tf.backend_util.computeConv2DInfo(
    ...shapes(inputs, attributes),
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    format,
  );
  const { type, top, bottom, left, right } = info.padInfo;
  // TensorFlow cuts the last window off where it does not fit, as tfjs does unless it is told to round otherwise.
  if ((type !== 'NUMBER' && type !== 'EXPLICIT') || (dimRoundingMode ?? 'floor') !== 'floor') return undefined;
  const spatial = <Item>(unit: readonly Item[], pixels: readonly Item[]): readonly Item[] =>
    format === 'channelsLast' ? [...unit, ...pixels, ...unit] : [...unit, ...unit, ...pixels];
  const integers = (key: string, value: readonly number[]) => ({ name: key, type: binding.TF_ATTR_INT, value });
  const lists: tf.Tensor[] = [];
  const tensors = operands(inputs, attributes).map((operand) => {
    if ('dataId' in operand) return operand;
    const list = tf.tensor1d([...operand], 'int32');
    lists.push(list);
    return list;
  });
  try {
    return (backend as TensorFlowBackend).executeSingleOutput(
      name,
      [
        { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: 'padding', type: binding.TF_ATTR_STRING, value: 'EXPLICIT' },
        { name: 'data_format', type: binding.TF_ATTR_STRING, value: dataFormat },
        integers('strides', spatial([1], [info.strideHeight, info.strideWidth])),
        integers('dilations', spatial([1], [info.dilationHeight, info.dilationWidth])),
        integers('explicit_paddings', spatial([0, 0], [top, bottom, left, right])),
      ],
      tensors,
    );
  } finally {
    tf.dispose(lists);
  }
}
