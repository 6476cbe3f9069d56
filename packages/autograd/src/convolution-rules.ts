import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { kernel, record, rule } from './rule.ts';
import { every, spreadAlong } from './spread.ts';
import * as windows from './windows.ts';

type Attrs = windows.Layout & { readonly dataFormat?: string };

/** The kernels of one kind of convolution: y of x and filter, x of y and filter, filter of x and y. */
type Kind = {
  readonly kernels: { readonly y: string; readonly x: string; readonly filter: string };
  readonly dataFormat: string;
  /** Where the windows lie on an image with the channels last; `out` says how many there are along each axis. */
  readonly over: (image: number[], filter: number[], attrs: Attrs, out: number[]) => readonly windows.Along[];
};

const kinds: readonly Kind[] = [
  {
    kernels: { y: tf.Conv2D, x: tf.Conv2DBackpropInput, filter: tf.Conv2DBackpropFilter },
    dataFormat: 'NHWC',
    over: windows.over2d,
  },
  {
    kernels: {
      y: tf.DepthwiseConv2dNative,
      x: tf.DepthwiseConv2dNativeBackpropInput,
      filter: tf.DepthwiseConv2dNativeBackpropFilter,
    },
    dataFormat: 'NHWC',
    over: windows.over2d,
  },
  {
    kernels: { y: tf.Conv3D, x: tf.Conv3DBackpropInputV2, filter: tf.Conv3DBackpropFilterV2 },
    dataFormat: 'NDHWC',
    over: windows.over3d,
  },
];

/** The three views of a convolution, each of which is linear in both of its arguments. */
type Views = {
  readonly x: (dy: Tensor, filter: Tensor) => Tensor;
  /** `run` records it only, where its numbers are not looked at. */
  readonly filter: (x: Tensor, dy: Tensor, run?: typeof record) => Tensor;
  readonly y: (x: Tensor, filter: Tensor) => Tensor;
};

/** The views by the kernels, which know no holes in filters, and no windows that the padding does not give. */
function byKernels({ kernels, ...kind }: Kind, inputShape: number[], filterShape: number[], attrs: Attrs): Views {
  const { strides, pad, dataFormat = kind.dataFormat } = attrs;
  const shared = { strides, pad, dataFormat, dilations: new Array<number>(inputShape.length - 2).fill(1) };
  return {
    x: (dy, filter) => kernel(kernels.x, { dy, filter }, { ...shared, inputShape }),
    filter: (x, dy, run = kernel) => run(kernels.filter, { x, dy }, { ...shared, filterShape }, filterShape),
    y: (x, filter) => kernel(kernels.y, { x, filter }, shared),
  };
}

/** The views of a convolution whose image has the channels first, by those of one that has them last. */
function turned(views: Views): Views {
  const last = (x: Tensor): Tensor => tf.transpose(x, [0, 2, 3, 1]);
  const first = (x: Tensor): Tensor => tf.transpose(x, [0, 3, 1, 2]);
  return {
    x: (dy, filter) => first(views.x(last(dy), filter)),
    filter: (x, dy, run) => views.filter(last(x), last(dy), run),
    y: (x, filter) => first(views.y(last(x), filter)),
  };
}

/** The views of a convolution of whatever geometry: on an image that the windows just cover, with zeros for holes. */
function viewsOf(kind: Kind, image: number[], filterShape: number[], y: number[], attrs: Attrs): Views {
  const { strides, pad, dataFormat = kind.dataFormat } = attrs;
  const dilations = attrs.dilations ?? 1;
  const first = dataFormat === 'NCHW';
  const [n = 0, c = 0, h = 0, w = 0] = image;
  const shape = first ? [n, h, w, c] : image;
  const padding = first && Array.isArray(pad) ? ([0, 2, 3, 1].map((axis) => pad[axis]) as windows.Pad) : pad;
  const over = kind.over(shape, filterShape, { ...attrs, pad: padding }, first ? y.slice(2) : y.slice(1, -1));
  const steps = over.map((_, axis) => (Array.isArray(dilations) ? (dilations[axis] ?? 1) : dilations)).concat(1, 1);
  if (steps.every((step) => step === 1) && windows.isPlain(over, attrs))
    return byKernels(kind, image, filterShape, attrs);
  if (first) {
    const [, outputs = 0, ...out] = y;
    return turned(
      viewsOf(kind, shape, filterShape, [n, ...out, outputs], { ...attrs, pad: padding, dataFormat: 'NHWC' }),
    );
  }
  const fit = windows.fitOf(over);
  const spread = (filter: Tensor): Tensor =>
    steps.reduce((holed, step, axis) => spreadAlong(holed, axis, step), filter);
  const holed = filterShape.map((size, axis) => (size - 1) * (steps[axis] ?? 1) + 1);
  const valid = byKernels(kind, windows.fittedShape(image, fit), holed, { strides, pad: 'valid' });
  return {
    x: (dy, filter) => windows.unfitted(valid.x(dy, spread(filter)), fit),
    filter: (x, dy, run) => every(valid.filter(windows.fitted(x, fit), dy, run), steps),
    y: (x, filter) => valid.y(windows.fitted(x, fit), spread(filter)),
  };
}

/**
 * The gradients of convolutions.
 *
 * Convolution, its gradient for the input and its gradient for the filter are three views of one trilinear form, so the
 * derivative of each is given by the others. tfjs lacks some of them, and takes for granted that windows lie where
 * padding and strides put them when nothing is rounded up.
 */
export const convolutionRules: readonly GradConfig[] = kinds.flatMap((kind) => [
  rule<Attrs>(kind.kernels.y, ['x', 'filter'], (dy, [x, filter], attrs) => {
    const views = viewsOf(kind, x.shape, filter.shape, dy.shape, attrs);
    const recorded = (): Tensor => views.filter(x, dy, record);
    return { x: () => views.x(dy, filter), filter: Object.assign(() => views.filter(x, dy), { recorded }) };
  }),
  rule<Attrs & { inputShape: number[] }>(kind.kernels.x, ['dy', 'filter'], (ddx, [dy, filter], attrs) => {
    const views = viewsOf(kind, attrs.inputShape, filter.shape, dy.shape, attrs);
    return { dy: () => views.y(ddx, filter), filter: () => views.filter(ddx, dy) };
  }),
  rule<Attrs & { filterShape: number[] }>(kind.kernels.filter, ['x', 'dy'], (ddw, [x, dy], attrs) => {
    const views = viewsOf(kind, x.shape, attrs.filterShape, dy.shape, attrs);
    return { x: () => views.x(dy, ddw), dy: () => views.y(x, ddw) };
  }),
]);
