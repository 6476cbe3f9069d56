import * as tf from '@tensorflow/tfjs';
import { at, places, scatter } from './array64.ts';
import { array, type Case } from './problem.ts';
import {
  type Geometry,
  geometries,
  type Image,
  type Pad,
  type Padding,
  pads,
  under,
  type Windows,
  windows,
} from './windows.ts';

/** Every product of the form that convolution, and its gradients for the input and for the filter, are three views
 * of. */
function* products(over: Windows, [batch, height, width, channels]: Image, outputs: number, depthwise: boolean) {
  for (const [n = 0, i = 0, j = 0] of places([batch, ...over.out]))
    for (const { a, b, row, column } of under(over, [batch, height, width, channels], i, j))
      for (const [c = 0, o = 0] of places([channels, outputs]))
        yield {
          x: [n, row, column, c],
          filter: [a, b, c, o],
          y: [n, i, j, depthwise ? c * outputs + o : o],
        };
}

/** The three views of a convolution as operations of their own: y of x and filter, x of y and filter, filter of x and
 * y. */
function convolution(depthwise: boolean): readonly Case[] {
  const shapesOf = ({ image, filter, stride, pad, outputs }: Geometry) => {
    const over = windows(image, filter, stride, pad);
    return {
      over,
      x: image as number[],
      filter: [...filter, image[3], outputs],
      y: [image[0], ...over.out, depthwise ? image[3] * outputs : outputs],
    };
  };
  const view = (
    name: string,
    result: 'x' | 'filter' | 'y',
    [first, second]: readonly ['x' | 'y', 'filter' | 'y'],
    op: (geometry: Geometry, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  ): Case => ({
    name,
    // A filter may not be larger than what it slides over.
    problems: geometries(pads)
      .filter((geometry) => shapesOf(geometry).over.out.every((n) => n > 0))
      .map((geometry) => {
        const shapes = shapesOf(geometry);
        const all = [...products(shapes.over, geometry.image, geometry.outputs, depthwise)];
        return {
          inputs: [array(shapes[first], geometry.seed), array(shapes[second], geometry.seed + 0.3)],
          op: (a, b) => op(geometry, a, b),
          op64: (a, b) =>
            scatter(
              shapes[result],
              all.map((term) => [term[result], at(a, term[first]) * at(b, term[second])] as const),
            ),
        };
      }),
  });
  const kernel = (name: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
  const attrs = ({ stride, pad }: Geometry): object => ({
    strides: [stride, stride],
    pad,
    dataFormat: 'NHWC',
    ...(depthwise && { dilations: [1, 1] }),
  });
  if (depthwise)
    return [
      view('depthwiseConv2d', 'y', ['x', 'filter'], ({ stride, pad }, x, filter) =>
        tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad),
      ),
      view('fused.depthwiseConv2d', 'y', ['x', 'filter'], ({ stride, pad }, x, filter) =>
        tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: stride,
          pad: pad as Padding,
        }),
      ),
      view('depthwiseConv2d, gradient for the input', 'x', ['y', 'filter'], (geometry, dy, filter) =>
        kernel(
          'DepthwiseConv2dNativeBackpropInput',
          { dy, filter },
          { ...attrs(geometry), inputShape: geometry.image },
        ),
      ),
      view('depthwiseConv2d, gradient for the filter', 'filter', ['x', 'y'], (geometry, x, dy) =>
        kernel(
          'DepthwiseConv2dNativeBackpropFilter',
          { x, dy },
          { ...attrs(geometry), filterShape: shapesOf(geometry).filter },
        ),
      ),
    ];
  return [
    view('conv2d', 'y', ['x', 'filter'], ({ stride, pad }, x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad),
    ),
    view('conv2d of channels first', 'y', ['x', 'filter'], ({ stride, pad }, x, filter) => {
      const across: Pad = Array.isArray(pad) ? [pad[0], pad[3], pad[1], pad[2]] : pad;
      const turned = tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
      return tf.transpose(tf.conv2d(turned, filter as tf.Tensor4D, stride, across, 'NCHW'), [0, 2, 3, 1]);
    }),
    view('fused.conv2d', 'y', ['x', 'filter'], ({ stride, pad }, x, filter) =>
      tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: stride, pad }),
    ),
    view('conv2dTranspose', 'x', ['y', 'filter'], ({ image, stride, pad }, y, filter) =>
      kernel(
        'Conv2DBackpropInput',
        { dy: y, filter },
        { strides: [stride, stride], pad, dataFormat: 'NHWC', inputShape: image },
      ),
    ),
    view('conv2d, gradient for the filter', 'filter', ['x', 'y'], (geometry, x, dy) =>
      kernel('Conv2DBackpropFilter', { x, dy }, { ...attrs(geometry), filterShape: shapesOf(geometry).filter }),
    ),
  ];
}

export const convolutions: readonly Case[] = [...convolution(false), ...convolution(true)];
